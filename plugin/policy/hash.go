package policy

import (
	"math"
	"slices"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/plugin/pool"
)

// hashed picks the n endpoints that have the highest scores for a client, by
// rendezvous hashing: the score of an endpoint depends on nothing but itself and
// the client. One that goes takes nobody along but its own clients, and gets
// these back when it returns.
//
// Clients are put into buckets, so that the winner of each has to be found only
// once for a View.
func hashed(f *pool.Family, n int, c Client) []dns.RR {
	bucket := c.hash() % pool.Buckets
	if n == 1 {
		i, ok := f.Winner(bucket)
		if !ok {
			i = winners(f, 1, bucket)[0]
			f.SetWinner(bucket, i)
		}
		return one(f.RRs, i)
	}
	return inOrder(f.RRs, winners(f, n, bucket))
}

// winners returns the indices of the n endpoints with the highest scores.
func winners(f *pool.Family, n int, bucket uint64) []int {
	best, scores := make([]int, 0, n), make([]float64, 0, n)
	seed := mix(bucket + 1)
	for i, id := range f.IDs {
		w := f.Share(i)
		if w == 0 {
			continue
		}
		s := score(mix(id^seed), w)
		at, _ := slices.BinarySearchFunc(scores, s, func(have, new float64) int {
			if have > new {
				return -1
			}
			return 1
		})
		if at == n {
			continue
		}
		if len(best) == n {
			best, scores = best[:n-1], scores[:n-1]
		}
		best, scores = slices.Insert(best, at, i), slices.Insert(scores, at, s)
	}
	return best
}

// score makes of a hash a number that is the highest of several with a chance in
// proportion to weight (weighted rendezvous hashing: -w / ln u).
func score(h, weight uint64) float64 {
	u := (float64(h>>11) + 0.5) / (1 << 53) // in (0, 1)
	return float64(weight) / -math.Log(u)
}
