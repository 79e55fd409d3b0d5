package failover

import (
	"fmt"
	"net"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/coredns/coredns/plugin/test"

	"github.com/miekg/dns"
)

// A resident is a writer for a client with an address of its own.
type resident struct {
	test.ResponseWriter
	addr *net.UDPAddr
}

func (r *resident) RemoteAddr() net.Addr  { return r.addr }
func (*resident) WriteMsg(*dns.Msg) error { return nil }

func residentOf(i uint32) *resident {
	return &resident{addr: &net.UDPAddr{IP: net.IP{10, byte(i >> 8), byte(i), 1}}}
}

// policyBlock has a pool of n endpoints with a policy, of which the weights go
// from 1 to most.
func policyBlock(policy string, n, most int) string {
	var s strings.Builder
	s.WriteString("failover app.example.org {\n check none\n primary {\n policy " + policy + "\n")
	for i := range n {
		fmt.Fprintf(&s, "endpoint 192.0.2.%d", i+1)
		if most > 1 {
			fmt.Fprintf(&s, " weight %d", i%most+1)
		}
		s.WriteString("\n")
	}
	s.WriteString("}\n}")
	return s.String()
}

// BenchmarkPolicies compares whole answers by every policy with those by all,
// and pools of 100 with those of 4.
func BenchmarkPolicies(b *testing.B) {
	for _, policy := range []string{"all", "first", "random", "round_robin", "weighted", "weighted uneven", "hash", "hash uneven"} {
		for _, n := range []int{4, 100} {
			kind, _, uneven := strings.Cut(policy, " ")
			most := 1
			if uneven {
				most = 7
			}
			f := build(b, policyBlock(kind, n, most), test.NextHandler(dns.RcodeRefused, nil), "example.org.")
			var clients [64]*resident
			for i := range clients {
				clients[i] = residentOf(uint32(i * 37))
			}
			r := new(dns.Msg)
			r.SetQuestion("app.example.org.", dns.TypeA)
			b.Run(fmt.Sprintf("%s of %d", policy, n), func(b *testing.B) {
				b.ReportAllocs()
				for i := 0; b.Loop(); i++ {
					f.ServeDNS(b.Context(), clients[i%len(clients)], r)
				}
			})
		}
	}
}

// BenchmarkPoliciesParallel has all cores ask for one record: run it with -cpu 1,2.
func BenchmarkPoliciesParallel(b *testing.B) {
	for _, policy := range []string{"all", "random", "round_robin", "weighted", "hash"} {
		f := build(b, policyBlock(policy, 4, 1), test.NextHandler(dns.RcodeRefused, nil), "example.org.")
		var n atomic.Uint32
		b.Run(policy, func(b *testing.B) {
			b.RunParallel(func(pb *testing.PB) {
				w := residentOf(n.Add(1))
				r := new(dns.Msg)
				r.SetQuestion("app.example.org.", dns.TypeA)
				for pb.Next() {
					f.ServeDNS(b.Context(), w, r)
				}
			})
		})
	}
}
