package serve

import (
	"context"
	"fmt"
	"net"
	"testing"

	"github.com/coredns/coredns/plugin"
	"github.com/coredns/coredns/plugin/test"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/plugin/answer"
	"github.com/coredns-failover/failover/plugin/pool"
)

// srvTo returns a plugin that answers every query with a SRV record that leads to target.
func srvTo(target string) plugin.Handler {
	return plugin.HandlerFunc(func(_ context.Context, w dns.ResponseWriter, r *dns.Msg) (int, error) {
		srv := test.SRV(r.Question[0].Name + " 60 IN SRV 0 0 80 " + target)
		return dns.RcodeSuccess, w.WriteMsg(answer.Records(r, []dns.RR{srv}))
	})
}

// Clients ask for HTTPS (or SRV) and for A at once. Each type has a rotation of its
// own, else all answers to A would start with the same address.
func TestRefreshHasItsOwnRotation(t *testing.T) {
	roundRobin := func(rec *pool.Record) { rec.Pools[0].Policy = pool.Policy{Kind: pool.RoundRobin, Count: 1} }
	b := exampleBlock(t, srvTo("app.example.org."), recordOf("app.example.org.", roundRobin, "192.0.2.1", "192.0.2.2"))
	var direct, additional []string
	for range 4 {
		direct = append(direct, fmt.Sprint(ask(t, b, new(dns.Msg).SetQuestion("app.example.org.", dns.TypeA)).Answer))
		additional = append(additional, fmt.Sprint(ask(t, b, new(dns.Msg).SetQuestion("_s._tcp.example.org.", dns.TypeSRV)).Extra))
	}
	for what, got := range map[string][]string{"A": direct, "SRV": additional} {
		if got[0] == got[1] || got[0] != got[2] || got[1] != got[3] {
			t.Errorf("%s does not rotate: %q", what, got)
		}
	}
}

// An answer with addresses that depend on the client's subnet is for that subnet alone.
func TestRefreshSetsTheScopeOfItsAddresses(t *testing.T) {
	hash := func(rec *pool.Record) { rec.Pools[0].Policy = pool.Policy{Kind: pool.Hash, Count: 1} }
	records := []pool.Record{recordOf("hash.example.org.", hash, "192.0.2.1", "192.0.2.2"), recordOf("plain.example.org.", nil, "192.0.2.3")}
	for target, want := range map[string]string{"hash": "203.0.113.0/24/24", "plain": ""} {
		b := exampleBlock(t, srvTo(target+".example.org."), records...)
		r := new(dns.Msg).SetQuestion("_s._tcp.example.org.", dns.TypeSRV).SetEdns0(1232, false)
		r.IsEdns0().Option = []dns.EDNS0{
			&dns.EDNS0_SUBNET{Code: dns.EDNS0SUBNET, Family: 1, SourceNetmask: 24, Address: net.IPv4(203, 0, 113, 0)},
		}
		got := ""
		if ecs := subnetOf(ask(t, b, r)); ecs != nil {
			got = ecs.String()
		}
		if got != want {
			t.Errorf("an answer with addresses of %s is for %q, want %q", target, got, want)
		}
	}
}
