package dnsreply

import (
	"context"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/test/kit"
)

// After a name server that refuses with a bare header the next one is asked at once.
func TestBareNameServer(t *testing.T) {
	bare := true
	port := kit.ServeDNS(t, func(w dns.ResponseWriter, q *dns.Msg) {
		m := kit.Reply(t, q, dns.RcodeSuccess, "app.example.org. 300 A 192.0.2.1")
		if bare {
			m = kit.Reply(t, q, dns.RcodeRefused)
			m.Question = nil
			bare = false
		}
		w.WriteMsg(m)
	})
	r := &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return DialNameServer(ctx, network, netip.AddrPortFrom(kit.Loopback, port).String())
	}}
	// The resolver's timeout is 5 s for each try.
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Second)
	defer cancel()
	addrs, err := r.LookupNetIP(ctx, "ip4", "app.example.org.")
	if err != nil || len(addrs) != 1 || addrs[0].Unmap().String() != "192.0.2.1" {
		t.Errorf("got %v, %v", addrs, err)
	}
}
