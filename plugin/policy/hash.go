package policy

import (
	"math"
	"math/bits"
	"slices"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/plugin/pool"
)

// hashed picks the n endpoints, fewer than are eligible, that come first in the
// client's race.
func hashed(f *pool.Family, n int, c Client) []dns.RR {
	r := raceOf(c.subnet())
	if n == 1 {
		return one(f.RRs, r.winner(f.IDs, f.Inverses))
	}
	var buf [few]arrival
	var order [few]int
	at := order[:0]
	for _, a := range r.first(buf[:0], n, f.IDs, f.Inverses) {
		at = insert(at, a.at)
	}
	return take(f.RRs, at)
}

// A race is weighted rendezvous hashing for one client: each contestant arrives
// at a time that depends on nothing but itself and the client, an exponential
// variate with its weight as the rate, so that it comes first with a chance in
// proportion to its weight. One that stays away leaves its own clients to those
// who would have been next, and gets them back when it returns.
//
// (Its times are the inverses of the usual scores, -weight / ln u.)
type race struct{ x, y uint64 }

// raceOf returns the race of a client that is known by a number.
func raceOf(client uint64) race {
	x := mix(client)
	return race{x, mix(x + 0x9e3779b97f4a7c15)}
}

// uniform returns a number in [0, 1) for a contestant: all bits of a product of
// two numbers in which client and contestant are mixed.
func (r race) uniform(id uint64) float64 {
	hi, lo := bits.Mul64(r.x^id, r.y^bits.RotateLeft64(id, 32))
	return float64(int64((hi^lo)>>11)) * (1.0 / (1 << 53)) // #nosec G115 -- 53 bits
}

// An arrival is that of the contestant at an index.
type arrival struct {
	time float64
	at   int
}

// arrival returns that of the contestant at an index.
func (r race) arrival(at int, id uint64, inverse float64) arrival {
	return arrival{-math.Log(1-r.uniform(id)) * inverse, at}
}

// winner returns the index of the contestant that arrives first. inverses are
// those of the weights; infinite is that of one without a chance.
//
// -ln(1-u) is never less than u, so that the logarithm is needed only for the few
// contestants that could be better than the best up to now.
func (r race) winner(ids []uint64, inverses []float64) (at int) {
	best := math.Inf(1)
	inverses = inverses[:len(ids)]
	for i, id := range ids {
		u := r.uniform(id)
		if !(u*inverses[i] < best) { // nor if that is not a number
			continue
		}
		if t := -math.Log(1-u) * inverses[i]; t < best {
			best, at = t, i
		}
	}
	return at
}

// first appends the n arrivals to buf that are the first ones, in their order.
func (r race) first(buf []arrival, n int, ids []uint64, inverses []float64) []arrival {
	limit := math.Inf(1)
	for i, id := range ids {
		u := r.uniform(id)
		if !(u*inverses[i] < limit) {
			continue
		}
		t := -math.Log(1-u) * inverses[i]
		k := 0
		for k < len(buf) && buf[k].time <= t {
			k++
		}
		if k == n {
			continue
		}
		buf = slices.Insert(buf[:min(len(buf), n-1)], k, arrival{t, i})
		if len(buf) == n {
			limit = buf[n-1].time
		}
	}
	return buf
}

// mix spreads what differs between two numbers over all bits (the finalizer of
// MurmurHash3).
func mix(h uint64) uint64 {
	h ^= h >> 33
	h *= 0xff51afd7ed558ccd
	h ^= h >> 33
	h *= 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}
