package probe

import (
	"net/netip"
	"testing"
	"time"

	"github.com/coredns-failover/failover/healthcheck/internal/dial"
	"github.com/coredns-failover/failover/test/kit"
)

// A filtered raw socket does not receive the replies to others, which would fill its
// buffer.
func TestFilteredPings(t *testing.T) {
	for _, addr := range []netip.Addr{kit.Loopback, netip.IPv6Loopback()} {
		for _, filtered := range []bool{true, false} {
			conn, err := dial.OpenRawPing(netip.Addr{}, addr)
			if err != nil {
				t.Skip(err)
			}
			defer conn.Close()
			e := newEcho(addr, true)
			e.makeRoom(conn, filtered)
			kit.WantError(t, ask(t, ICMP{}.Prober(), addr.String()), "")
			wait := 20 * time.Second // the reply to the probe above is in the buffer
			if filtered {
				wait = 50 * time.Millisecond
			}
			conn.SetDeadline(time.Now().Add(wait))
			if _, err := conn.Read(make([]byte, maxEcho)); dial.IsTimeout(err) != filtered {
				t.Errorf("%s, filtered %v: %v", addr, filtered, err)
			}
			conn.SetDeadline(time.Now().Add(20 * time.Second))
			conn.Write(e.request())
			if err := e.await(conn); err != nil {
				t.Errorf("%s, filtered %v: own reply: %v", addr, filtered, err)
			}
		}
	}
}
