package policy

import (
	"fmt"
	"testing"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/plugin/pool"
)

func TestPick(t *testing.T) {
	var v4 []dns.RR
	for i := range 3 {
		rr, err := dns.NewRR(fmt.Sprintf("app.example.org. 5 IN A 192.0.2.%d", i))
		if err != nil {
			t.Fatal(err)
		}
		v4 = append(v4, rr)
	}
	v6, err := dns.NewRR("app.example.org. 5 IN AAAA 2001:db8::1")
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		policy pool.Policy
		a      string
		aaaa   int
	}{
		{pool.Policy{Kind: pool.All}, "192.0.2.0 192.0.2.1 192.0.2.2", 1},
		{pool.Policy{Kind: pool.All, Count: 2}, "192.0.2.0 192.0.2.1", 1},
		{pool.Policy{Kind: pool.First, Count: 1}, "192.0.2.0", 1},
		{pool.Policy{Kind: pool.First, Count: 2}, "192.0.2.0 192.0.2.1", 1},
		{pool.Policy{Kind: pool.First, Count: 9}, "192.0.2.0 192.0.2.1 192.0.2.2", 1},
	}
	for _, tc := range tests {
		v := &pool.Set{Policy: tc.policy, A: pool.Family{RRs: v4}, AAAA: pool.Family{RRs: []dns.RR{v6}}}
		got := ""
		for i, rr := range Pick(v, dns.TypeA, Client{}) {
			if i > 0 {
				got += " "
			}
			got += dns.Field(rr, 1)
		}
		if got != tc.a || len(Pick(v, dns.TypeAAAA, Client{})) != tc.aaaa {
			t.Errorf("%+v: got %s and %d of the other family", tc.policy, got, len(Pick(v, dns.TypeAAAA, Client{})))
		}
	}
}
