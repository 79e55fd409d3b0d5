package failover

import (
	"fmt"
	"strings"
	"testing"

	"github.com/coredns/coredns/plugin"

	"github.com/miekg/dns"
)

// The ways to write n records.
var ways = map[string]func(n int) string{
	"one block": func(n int) string {
		return "failover {\ncheck none\n" + repeat(n, "record r%d {\nprimary 192.0.2.1\n}\n") + "}\n"
	},
	"many blocks": func(n int) string {
		return repeat(n, "failover r%d.example.org {\ncheck none\nprimary 192.0.2.1\n}\n")
	},
	"a block with many zones": func(n int) string {
		return "failover" + repeat(n, " r%d.example.org") + " {\ncheck none\nprimary 192.0.2.1\n}\n"
	},
	"records in many zones": func(n int) string {
		return "failover" + repeat(n, " r%d.example.org") + " {\ncheck none\n" +
			repeat(n, "record r%d.example.org. {\nprimary 192.0.2.1\n}\n") + "}\n"
	},
}

func repeat(n int, format string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}

// However records are written down, to start with them and to answer beside and
// below them takes no more memory than in one block. To compare two names takes
// some, so that what compares all of them to each other is seen.
func TestBlocksCostNothing(t *testing.T) {
	const n = 1000
	for _, zone := range []string{"example.org.", "."} {
		cost := make(map[string]float64)
		for way, write := range ways {
			blocks := write(n)
			if zone == "." {
				blocks = strings.Replace(blocks, "failover {", "failover example.org {", 1)
			}
			var f *Failover
			cost[way] = testing.AllocsPerRun(1, func() {
				f = build(t, blocks, nil, zone)
				f.strangers()
			})
			if len(f.records) != n {
				t.Fatalf("%s: %d records", way, len(f.records))
			}
			for _, name := range []string{"x.r7.example.org.", "x.example.org."} {
				if k := queryCost(t, f, name); k > 20 {
					t.Errorf("%s in a block for %s: %v allocations for a query for %s", way, zone, k, name)
				}
			}
		}
		for way, c := range cost {
			if one := cost["one block"]; c > 3*one {
				t.Errorf("%s in a block for %s: %v allocations to start, and %v for one block", way, zone, c, one)
			}
		}
	}
}

// queryCost returns how many allocations a query for an address takes.
func queryCost(t testing.TB, f plugin.Handler, qname string) float64 {
	r, w := new(dns.Msg), residentOf(1)
	r.SetQuestion(qname, dns.TypeA)
	return testing.AllocsPerRun(10, func() { f.ServeDNS(t.Context(), w, r) })
}

// Server blocks on one listener take no more memory, each, the more they are: not at
// the start, and not at a reload.
func TestServerBlocksCostNothing(t *testing.T) {
	corefile := func(n int) string {
		return repeat(n, "r%d.example.org:0 {\nfailover {\ncheck none\nprimary 192.0.2.1\n}\n}\n")
	}
	each := func(n int) float64 {
		return testing.AllocsPerRun(1, func() {
			s := start(t, corefile(n))
			if err := s.reload(corefile(n)); err != nil {
				t.Fatal(err)
			}
		}) / float64(n)
	}
	each(1)
	if few, many := each(50), each(500); many > 2*few {
		t.Errorf("%.0f allocations for each of 500, %.0f for each of 50", many, few)
	}
}
