package policy

import (
	"fmt"
	"testing"

	"github.com/coredns/coredns/plugin/pkg/expression"

	"github.com/expr-lang/expr"
	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/plugin/pool"
)

// sink keeps what is measured from being left out.
var sink []dns.RR

// BenchmarkPick compares every policy with all, and pools of 4 with those of 100.
func BenchmarkPick(b *testing.B) {
	for _, kind := range []pool.PolicyKind{pool.All, pool.First, pool.Random, pool.RoundRobin, pool.Weighted, pool.Hash} {
		for _, n := range []int{4, 100} {
			for _, count := range []int{1, 2, 8} {
				if kind == pool.All && count > 1 || count > n {
					continue
				}
				name := fmt.Sprintf("%s %d of %d", kind, count, n)
				if kind == pool.All {
					count, name = 0, fmt.Sprintf("all %d", n)
				}
				bench(b, name, setOf(b, kind, count, row(n)))
				if kind == pool.Hash || kind == pool.Weighted {
					bench(b, name+" uneven", setOf(b, kind, count, uneven(n)))
				}
			}
		}
	}
}

func bench(b *testing.B, name string, s *pool.Set) {
	b.Run(name, func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			sink = Pick(s, dns.TypeA, client(i))
		}
	})
}

// BenchmarkPickParallel has all cores ask for the same pool.
func BenchmarkPickParallel(b *testing.B) {
	for _, kind := range []pool.PolicyKind{pool.All, pool.Random, pool.RoundRobin, pool.Weighted, pool.Hash} {
		s := setOf(b, kind, 1, row(4))
		b.Run(string(kind), func(b *testing.B) {
			b.RunParallel(func(pb *testing.PB) {
				for i := 0; pb.Next(); i++ {
					if len(Pick(s, dns.TypeA, client(i))) == 0 {
						b.Error("nothing was picked")
					}
				}
			})
		})
	}
}

// BenchmarkPrefer compares prefer with what the view plugin does with the same
// expression, and with a record that asks for nothing of the kind.
func BenchmarkPrefer(b *testing.B) {
	const text = "incidr(client_ip(), '10.0.0.0/8')"
	c := Client{}
	b.Run("view", func(b *testing.B) {
		program, err := expr.Compile(text, expr.Env(expression.DefaultEnv(b.Context(), nil)), expr.DisableBuiltin("type"))
		if err != nil {
			b.Fatal(err)
		}
		b.ReportAllocs()
		for b.Loop() {
			state := asks("10.1.2.3", "app.example.org.", dns.TypeA)
			if is, err := expr.Run(program, expression.DefaultEnv(b.Context(), &state)); err != nil || is != true {
				b.Fatal(is, err)
			}
		}
	})
	for name, rec := range map[string]pool.Record{
		"prefer":  lines(pool.SteerOrder, "primary 1", "secondary 1 "+text),
		"nothing": lines(pool.SteerOrder, "primary 1", "secondary 1"),
		"steer":   lines(pool.SteerWeighted, "primary 1", "secondary 1"),
	} {
		b.Run(name, func(b *testing.B) {
			chooser, v := chooserOf(b, rec), viewOf(b, rec)
			b.ReportAllocs()
			for b.Loop() {
				state := asks("10.1.2.3", "app.example.org.", dns.TypeA)
				chooser.Pool(b.Context(), v, state, c, noon)
			}
		})
	}
}
