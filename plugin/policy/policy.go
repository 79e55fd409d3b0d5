// Package policy decides what one client gets: which of the pools that may
// answer, and which of its healthy endpoints. It takes no lock and writes into
// nothing that it is given.
package policy

import (
	"math/rand/v2"
	"slices"
	"sort"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/plugin/pool"
)

// Pick returns the addresses of the family that qtype asks for that one answer
// for a client carries, in the order of the Corefile. They are the View's: never
// write into them.
//
// All and First differ in nothing but their default count, which is set when
// the Corefile is read: as many as there are, or one.
func Pick(s *pool.Set, qtype uint16, c Client) []dns.RR {
	f := s.Family(qtype)
	n := s.Policy.Count
	if n == 0 || n >= len(f.RRs) {
		n = len(f.RRs)
		if s.Policy.Kind != pool.Weighted && s.Policy.Kind != pool.Hash || f.Eligible == n {
			return f.RRs
		}
	}
	switch s.Policy.Kind {
	case pool.Random:
		return random(f.RRs, n)
	case pool.RoundRobin:
		return inTurn(f, n)
	case pool.Weighted:
		return weighted(f, min(n, f.Eligible))
	case pool.Hash:
		return hashed(f, min(n, f.Eligible), c)
	default:
		return f.RRs[:n]
	}
}

// NeedsClient reports whether a policy tells clients apart.
func NeedsClient(k pool.PolicyKind) bool { return k == pool.Hash }

func one(rrs []dns.RR, i int) []dns.RR { return rrs[i : i+1 : i+1] }

// random picks n of rrs, each as likely as any other (Knuth, The Art of Computer
// Programming, volume 2, algorithm 3.4.2 S).
func random(rrs []dns.RR, n int) []dns.RR {
	if n == 1 {
		return one(rrs, rand.IntN(len(rrs)))
	}
	picked := make([]dns.RR, 0, n)
	for i, rr := range rrs {
		if rand.IntN(len(rrs)-i) < n-len(picked) {
			picked = append(picked, rr)
		}
	}
	return picked
}

// inTurn picks n, and the next answer begins with the one after the first of them.
func inTurn(f *pool.Family, n int) []dns.RR {
	first := int((f.Turn.Add(1) - 1) % uint64(len(f.RRs))) // #nosec G115 -- less than a length
	if over := first + n - len(f.RRs); over > 0 {
		return slices.Concat(f.RRs[:over], f.RRs[first:])
	}
	return f.RRs[first : first+n : first+n]
}

// weighted draws n without replacement in proportion to weight.
func weighted(f *pool.Family, n int) []dns.RR {
	total := f.Shares[len(f.Shares)-1]
	if n == 1 {
		at := rand.Uint64N(total)
		return one(f.RRs, sort.Search(len(f.Shares), func(i int) bool { return f.Shares[i] > at }))
	}
	drawn := make([]int, 0, n)
	for range n {
		at := rand.Uint64N(total)
		for i := range f.RRs {
			if slices.Contains(drawn, i) {
				continue
			}
			if at < f.Share(i) {
				drawn, total = append(drawn, i), total-f.Share(i)
				break
			}
			at -= f.Share(i)
		}
	}
	return inOrder(f.RRs, drawn)
}

// inOrder returns those of rrs at some indices, in their own order.
func inOrder(rrs []dns.RR, at []int) []dns.RR {
	slices.Sort(at)
	picked := make([]dns.RR, len(at))
	for i, j := range at {
		picked[i] = rrs[j]
	}
	return picked
}
