package policy

import (
	"math/rand/v2"
	"slices"
	"sync/atomic"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/plugin/pool"
)

// random returns n of rrs, fewer than all, each with the same chance (Floyd's algorithm:
// Bentley, Programming Pearls, CACM 30:9). It draws n random numbers, however long rrs is.
func random(rrs []dns.RR, n int) []dns.RR {
	if n == 1 {
		return one(rrs, rand.IntN(len(rrs)))
	}
	var buf [few]int
	picked := buf[:0]
	for last := len(rrs) - n; last < len(rrs); last++ {
		i := rand.IntN(last + 1)
		if _, found := slices.BinarySearch(picked, i); found {
			i = last
		}
		picked = insert(picked, i)
	}
	return take(rrs, picked)
}

// roundRobin returns n endpoints, fewer than all; the next answer begins one further on.
// Each family has a rotation of its own: clients ask for both, and with a common rotation
// every other endpoint would only ever be in answers of one family.
func roundRobin(f *pool.Family, rotation *atomic.Uint64, n int) []dns.RR {
	first := int((rotation.Add(1) - 1) % uint64(len(f.RRs))) // #nosec G115 -- less than a length
	if over := first + n - len(f.RRs); over > 0 {
		return slices.Concat(f.RRs[:over], f.RRs[first:])
	}
	return f.RRs[first : first+n : first+n]
}
