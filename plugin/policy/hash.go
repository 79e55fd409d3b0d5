package policy

import (
	"math"
	"math/bits"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/plugin/pool"
)

// hashed returns the n endpoints, fewer than all, that arrive first in the race of the
// client.
func hashed(f *pool.Family, n int, c Client) []dns.RR {
	r := raceOf(c.subnet())
	if n == 1 {
		return one(f.RRs, r.winner(f.Weights))
	}
	var buf [few]arrived
	first := r.first(buf[:0], n, f.Weights)
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

// A race is weighted rendezvous hashing for one client. Each contestant arrives at a time
// that depends only on itself and the client. The time is an exponential variate with the
// weight as its rate, so that the chance to arrive first is in proportion to the weight.
// If a contestant is removed, its clients go to those that would have come next, and come
// back when it does.
//
// The times are the inverses of the usual scores, -weight / ln u.
type race struct{ x, y uint64 }

// raceOf returns the race of the client with a number.
func raceOf(client uint64) race {
	x := pool.Mix(client)
	return race{x, pool.Mix(x + 0x9e3779b97f4a7c15)}
}

// draw returns the random number of a contestant: the two halves of a 128-bit product of
// numbers in which client and contestant are mixed.
func (r race) draw(id uint64) uint64 {
	hi, lo := bits.Mul64(r.x^id, r.y^bits.RotateLeft64(id, 32))
	return hi ^ lo
}

// arrival returns when a contestant with the number h arrives. If all delays are the same
// (even), the logarithm is left out: the order is the same without.
func arrival(h uint64, delay uint32, even bool) float64 {
	u := float64(int64(h>>11)) * (1.0 / (1 << 53)) // #nosec G115 -- 53 bits; in [0, 1)
	if !even {
		u = -math.Log(1 - u)
	}
	return u * float64(delay)
}

// atLeast returns a lower bound of arrival in units of 2^-32, as -ln(1-u) >= u. It saves
// most contestants the logarithm.
func atLeast(h uint64, delay uint32) uint64 { return (h >> 32) * uint64(delay) }

// limit returns a number that atLeast exceeds only for arrivals after time.
func limit(time float64) uint64 {
	return uint64(min(time*(1<<32)*(1+1e-9), 1<<63)) // more than the error of floating point
}

// winner returns the index of the endpoint that arrives first.
func (r race) winner(w *pool.Weights) (at int) {
	best, bound := math.Inf(1), uint64(math.MaxUint64)
	delays := w.Delays[:len(w.IDs)]
	for i, id := range w.IDs {
		h := r.draw(id)
		if atLeast(h, delays[i]) > bound {
			continue
		}
		if t := arrival(h, delays[i], w.Even); t < best {
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

// first appends the n endpoints that arrive first to buf, which is empty, in the order of
// arrival. It first looks only at early arrivals, which are few and likely to be enough.
func (r race) first(buf []arrived, n int, w *pool.Weights) []arrived {
	if early := r.firstBefore(early(n, w), buf, n, w); len(early) == n {
		return early
	}
	return r.firstBefore(math.Inf(1), buf, n, w)
}

// early returns a time by which n endpoints have almost certainly arrived, but few others
// if there are many. On average, as many arrive within 2^31 as the sum of all weights.
func early(n int, w *pool.Weights) float64 {
	expected := n + n/2 + 4
	if expected >= len(w.IDs) {
		return math.Inf(1)
	}
	return float64(expected) * (1 << 31) / float64(w.Shares[len(w.Shares)-1])
}

// firstBefore is first for the endpoints that arrive before last.
func (r race) firstBefore(last float64, buf []arrived, n int, w *pool.Weights) []arrived {
	bound := limit(last)
	delays := w.Delays[:len(w.IDs)]
	for i, id := range w.IDs {
		h := r.draw(id)
		if atLeast(h, delays[i]) > bound {
			continue
		}
		a := arrived{arrival(h, delays[i], w.Even), i}
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
