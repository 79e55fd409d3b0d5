package policy

import (
	"math/rand/v2"
	"slices"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/plugin/pool"
)

// weighted returns n endpoints, fewer than all, drawn in proportion to weight and without
// replacement.
func weighted(f *pool.Family, n int) []dns.RR {
	left := f.Shares[len(f.Shares)-1]
	if n == 1 {
		return one(f.RRs, owner(f, rand.Uint64N(left)))
	}
	var buf [few]int
	drawn := buf[:0]
	for range n {
		i := owner(f, beside(f, drawn, rand.Uint64N(left)))
		drawn, left = insert(drawn, i), left-f.Share(i)
	}
	return take(f.RRs, drawn)
}

// owner returns the index of the endpoint whose share has the number at, which is below
// the sum of all shares.
func owner(f *pool.Family, at uint64) int {
	i, _ := slices.BinarySearch(f.Shares, at+1)
	return i
}

// beside returns the number at, counted without the shares of drawn, as a number among all
// shares. The indices in drawn ascend.
func beside(f *pool.Family, drawn []int, at uint64) uint64 {
	for _, i := range drawn {
		if at < f.Shares[i]-f.Share(i) {
			break
		}
		at += f.Share(i)
	}
	return at
}
