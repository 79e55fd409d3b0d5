package probe

import (
	"net/netip"
	"testing"
	"time"

	"github.com/coredns-failover/failover/healthcheck/internal/dial"
	"github.com/coredns-failover/failover/internal/kit"
)

// In a crowd a raw socket does not hear replies to others, which would fill its
// buffer.
func TestCrowdOfPings(t *testing.T) {
	for _, addr := range []netip.Addr{kit.Loopback, netip.IPv6Loopback()} {
		for _, crowd := range []bool{true, false} {
			conn, err := dial.OpenRawPing(netip.Addr{}, addr)
			if err != nil {
				t.Skip(err)
			}
			defer conn.Close()
			e := newEcho(addr, true)
			e.tidy(conn, crowd)
			kit.WantError(t, ask(t, ICMP{}.Prober(), addr.String()), "")
			wait := 20 * time.Second // what it hears is there already
			if crowd {
				wait = 50 * time.Millisecond
			}
			conn.SetDeadline(time.Now().Add(wait))
			if _, err := conn.Read(make([]byte, maxEcho)); dial.IsTimeout(err) != crowd {
				t.Errorf("%s, crowd %v: %v", addr, crowd, err)
			}
			conn.SetDeadline(time.Now().Add(20 * time.Second))
			conn.Write(e.request())
			if err := e.await(conn); err != nil {
				t.Errorf("%s, crowd %v: own reply: %v", addr, crowd, err)
			}
		}
	}
}
