package policy

import (
	"math"
	"math/bits"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/plugin/pool"
)

// hashed picks the n endpoints, fewer than there are, that come first in the
// client's race.
func hashed(f *pool.Family, n int, c Client) []dns.RR {
	r := raceOf(c.subnet())
	if n == 1 {
		return one(f.RRs, r.winner(f))
	}
	var buf [few]arrived
	first := r.first(buf[:0], n, f)
	rrs := make([]dns.RR, n)
	for _, a := range first {
		before := 0
		for _, b := range first {
			if b.at < a.at {
				before++
			}
		}
		rrs[before] = f.RRs[a.at]
	}
	return rrs
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

// draw returns what a contestant has drawn: all bits of a product of two numbers
// in which client and contestant are mixed.
func (r race) draw(id uint64) uint64 {
	hi, lo := bits.Mul64(r.x^id, r.y^bits.RotateLeft64(id, 32))
	return hi ^ lo
}

// arrival returns when one arrives that drew h, which may be left as it was drawn
// where all have the same delay: the order is the same.
func arrival(h uint64, delay uint32, even bool) float64 {
	u := float64(int64(h>>11)) * (1.0 / (1 << 53)) // #nosec G115 -- 53 bits; in [0, 1)
	if !even {
		u = -math.Log(1 - u)
	}
	return u * float64(delay)
}

// atLeast returns a number which is no greater than when one arrives that drew
// h, in 2^-32: -ln(1-u) is never less than u. It is for the many that need no
// closer look.
func atLeast(h uint64, delay uint32) uint64 { return (h >> 32) * uint64(delay) }

// limit returns what atLeast is greater than only for those that arrive later.
func limit(time float64) uint64 {
	return uint64(min(time*(1<<32)*(1+1e-9), 1<<63)) // more than what floating point may be off by
}

// winner returns the index of the endpoint that arrives first.
func (r race) winner(f *pool.Family) (at int) {
	best, bound := math.Inf(1), uint64(math.MaxUint64)
	delays := f.Delays[:len(f.IDs)]
	for i, id := range f.IDs {
		h := r.draw(id)
		if atLeast(h, delays[i]) > bound {
			continue
		}
		if t := arrival(h, delays[i], f.Even); t < best {
			best, bound, at = t, limit(t), i
		}
	}
	return at
}

// An arrived is the endpoint at an index, and when it arrived.
type arrived struct {
	time float64
	at   int
}

// first appends the n endpoints to buf, which is empty, that arrive first, in
// their order. Few of many come early: those that do are likely to be enough.
func (r race) first(buf []arrived, n int, f *pool.Family) []arrived {
	if early := r.firstBefore(early(n, f), buf, n, f); len(early) == n {
		return early
	}
	return r.firstBefore(math.Inf(1), buf, n, f)
}

// early returns a time by which n endpoints are almost sure to have arrived and,
// if there are many, few others: the weights of all are how many arrive in 2^31.
func early(n int, f *pool.Family) float64 {
	expected := n + n/2 + 4
	if expected >= len(f.IDs) {
		return math.Inf(1)
	}
	return float64(expected) * (1 << 31) / float64(f.Shares[len(f.Shares)-1])
}

// firstBefore is first as far as they arrive before a time.
func (r race) firstBefore(last float64, buf []arrived, n int, f *pool.Family) []arrived {
	bound := limit(last)
	delays := f.Delays[:len(f.IDs)]
	for i, id := range f.IDs {
		h := r.draw(id)
		if atLeast(h, delays[i]) > bound {
			continue
		}
		a := arrived{arrival(h, delays[i], f.Even), i}
		if a.time >= last {
			continue
		}
		buf = append(buf[:min(len(buf), n-1)], a)
		for k := len(buf) - 1; k > 0 && a.time < buf[k-1].time; k-- {
			buf[k-1], buf[k] = buf[k], buf[k-1]
		}
		if len(buf) == n {
			last = buf[n-1].time
			bound = limit(last)
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
