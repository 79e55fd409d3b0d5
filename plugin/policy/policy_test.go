package policy

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/plugin/pool"
)

func TestPick(t *testing.T) {
	const three = "192.0.2.1 192.0.2.2 192.0.2.3"
	tests := []struct {
		kind  pool.PolicyKind
		count int
		pool  string
		want  string // what may be picked, in commas
	}{
		{pool.All, 0, three, three},
		{pool.All, 2, three, "192.0.2.1 192.0.2.2"},
		{pool.All, 0, three + " 2001:db8::1", three},
		{pool.All, 1, "192.0.2.1*0 192.0.2.2", "192.0.2.1"}, // what weighs matters not
		{pool.First, 1, three, "192.0.2.1"},
		{pool.First, 2, three, "192.0.2.1 192.0.2.2"},
		{pool.First, 9, three, three},
		{pool.Random, 1, three, "192.0.2.1,192.0.2.2,192.0.2.3"},
		{pool.Random, 2, three, "192.0.2.1 192.0.2.2,192.0.2.1 192.0.2.3,192.0.2.2 192.0.2.3"},
		{pool.Random, 3, three, three},
		{pool.Random, 9, three, three},
		{pool.Random, 1, "192.0.2.1*0 192.0.2.2", "192.0.2.1,192.0.2.2"},
		{pool.RoundRobin, 2, three, "192.0.2.1 192.0.2.2,192.0.2.2 192.0.2.3,192.0.2.1 192.0.2.3"},
		{pool.RoundRobin, 9, three, three},
		{pool.Weighted, 2, three, "192.0.2.1 192.0.2.2,192.0.2.1 192.0.2.3,192.0.2.2 192.0.2.3"},
		{pool.Weighted, 9, three, three},
		{pool.Weighted, 1, "192.0.2.1*0 192.0.2.2 192.0.2.3*0", "192.0.2.2"},
		{pool.Weighted, 2, "192.0.2.1*0 192.0.2.2 192.0.2.3*3", "192.0.2.2 192.0.2.3"},
		{pool.Weighted, 3, "192.0.2.1*0 192.0.2.2 192.0.2.3*3", "192.0.2.2 192.0.2.3"},
		{pool.Weighted, 1, "192.0.2.1*0 192.0.2.2*0", "192.0.2.1,192.0.2.2"},
		{pool.Weighted, 1, "192.0.2.1*0 2001:db8::2", "192.0.2.1"}, // the other family is no help
		{pool.Weighted, 2, "192.0.2.1*1 192.0.2.2*65535 192.0.2.3*0", "192.0.2.1 192.0.2.2"},
		{pool.Hash, 1, "192.0.2.1*0 192.0.2.2 192.0.2.3*0", "192.0.2.2"},
		{pool.Hash, 2, three, "192.0.2.1 192.0.2.2,192.0.2.1 192.0.2.3,192.0.2.2 192.0.2.3"},
		{pool.Hash, 3, "192.0.2.1*0 192.0.2.2 192.0.2.3*3", "192.0.2.2 192.0.2.3"},
		{pool.Hash, 1, "192.0.2.1*0 192.0.2.2*0", "192.0.2.1,192.0.2.2"},
		{pool.Hash, 1, "2001:db8::2", ""},
		{pool.Weighted, 1, "2001:db8::2", ""},
		{pool.Random, 1, "2001:db8::2", ""},
		{pool.RoundRobin, 1, "2001:db8::2", ""},
	}
	for _, tc := range tests {
		t.Run(fmt.Sprintf("%s %d of %s", tc.kind, tc.count, tc.pool), func(t *testing.T) {
			s, seen := setOf(t, tc.kind, tc.count, tc.pool), make(map[string]bool)
			for i := range 1000 {
				rrs := Pick(s, dns.TypeA, client(i))
				seen[text(rrs)] = true
				if cap(rrs) != len(rrs) {
					t.Fatal("the slice has spare capacity, into which a caller may append")
				}
			}
			want := strings.Split(tc.want, ",")
			for got := range seen {
				if !slices.Contains(want, got) {
					t.Errorf("got %s, want %s", got, tc.want)
				}
			}
			if len(seen) != len(want) {
				t.Errorf("got only %v of %s", seen, tc.want)
			}
		})
	}
}

// tally counts in how many of n answers, each for another client, an address is.
func tally(s *pool.Set, n int) map[string]float64 {
	in := make(map[string]float64)
	for i := range n {
		for _, rr := range Pick(s, dns.TypeA, client(i)) {
			in[dns.Field(rr, 1)]++
		}
	}
	return in
}

// Over ten thousand subnets each endpoint gets its share, within 5 %. For random policies
// more answers are counted, so that chance alone never fails the test.
func TestShares(t *testing.T) {
	tests := []struct {
		kind  pool.PolicyKind
		count int
		pool  string
		want  string // of a thousand answers
	}{
		{pool.Random, 1, "192.0.2.1 192.0.2.2*9 192.0.2.3 192.0.2.4", "250 250 250 250"},
		{pool.Random, 3, "192.0.2.1 192.0.2.2*9 192.0.2.3 192.0.2.4", "750 750 750 750"},
		{pool.RoundRobin, 1, "192.0.2.1 192.0.2.2*9 192.0.2.3 192.0.2.4", "250 250 250 250"},
		{pool.RoundRobin, 3, "192.0.2.1 192.0.2.2*9 192.0.2.3 192.0.2.4", "750 750 750 750"},
		{pool.Weighted, 1, "192.0.2.1 192.0.2.2*2 192.0.2.3*7", "100 200 700"},
		{pool.Weighted, 1, "192.0.2.1*0 192.0.2.2*0 192.0.2.3*0 192.0.2.4*0", "250 250 250 250"},
		// As the tree of draws has it: the first is in 1/2 + 1/3*3/4 + 1/6*3/5.
		{pool.Weighted, 2, "192.0.2.1*3 192.0.2.2*2 192.0.2.3*1", "850 733 417"},
		{pool.Hash, 2, "192.0.2.1*3 192.0.2.2*2 192.0.2.3*1", "850 733 417"},
		{pool.Hash, 1, "192.0.2.1 192.0.2.2*2 192.0.2.3*7", "100 200 700"},
		{pool.Hash, 1, "192.0.2.1*65535 192.0.2.2*65535", "500 500"},
		{pool.Hash, 1, "192.0.2.1 192.0.2.2 192.0.2.3 192.0.2.4 192.0.2.5", "200 200 200 200 200"},
		{pool.Hash, 1, "192.0.2.1*0 192.0.2.2*0 192.0.2.3*0 192.0.2.4*0", "250 250 250 250"},
		{pool.Hash, 1, "10.0.0.1 10.0.1.1 10.1.0.1 11.0.0.1", "250 250 250 250"},
	}
	for _, tc := range tests {
		t.Run(fmt.Sprintf("%s %d of %s", tc.kind, tc.count, tc.pool), func(t *testing.T) {
			clients := 10_000
			if tc.kind == pool.Random || tc.kind == pool.Weighted {
				clients *= 20
			}
			got := tally(setOf(t, tc.kind, tc.count, tc.pool), clients)
			for i, word := range strings.Fields(tc.want) {
				var want float64
				fmt.Sscan(word, &want)
				addr, _, _ := strings.Cut(strings.Fields(tc.pool)[i], "*")
				if share := got[addr] * 1000 / float64(clients); math.Abs(share-want) > want/20+1 {
					t.Errorf("%s is in %.0f of 1000 answers, want %.0f", addr, share, want)
				}
			}
		})
	}
}

func TestRoundRobin(t *testing.T) {
	s := setOf(t, pool.RoundRobin, 2, "192.0.2.1 192.0.2.2 192.0.2.3 2001:db8::1 2001:db8::2 2001:db8::3")
	var got []string
	for range 4 {
		got = append(got, text(Pick(s, dns.TypeA, Client{})), text(Pick(s, dns.TypeAAAA, Client{})))
	}
	want := []string{
		"192.0.2.1 192.0.2.2", "2001:db8::1 2001:db8::2", // the families take turns by themselves
		"192.0.2.2 192.0.2.3", "2001:db8::2 2001:db8::3",
		"192.0.2.1 192.0.2.3", "2001:db8::1 2001:db8::3", // in the order of the Corefile
		"192.0.2.1 192.0.2.2", "2001:db8::1 2001:db8::2",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// Pick does not change the View.
func TestPickChangesNothing(t *testing.T) {
	for _, kind := range []pool.PolicyKind{pool.All, pool.Random, pool.RoundRobin, pool.Weighted, pool.Hash} {
		for count := range 5 {
			s := setOf(t, kind, count, "192.0.2.1 192.0.2.2*2 192.0.2.3*3 192.0.2.4*4")
			before := text(s.A.RRs)
			for i := range 100 {
				rrs := Pick(s, dns.TypeA, client(i))
				_ = append(rrs, nil)
			}
			if after := text(s.A.RRs); after != before {
				t.Errorf("%s %d: %s became %s", kind, count, before, after)
			}
		}
	}
}
