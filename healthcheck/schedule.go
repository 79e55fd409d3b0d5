package healthcheck

import (
	"math/rand/v2"
	"time"
)

// mostSlack bounds by how much a probe is early or late, so that it shares a timer. With 50 ms
// between these, a probe costs a quarter less than with 5 ms, and twice as much would save
// little more.
const mostSlack = 25 * time.Millisecond

// wait returns the time d between the starts of two probes. It is about FastInterval
// if fast, else about Interval. slack says by how much it may be shorter or longer: by
// a quarter of the jitter at most. below(n) returns a random number from 0 to n-1.
func (s *Spec) wait(fast bool, below func(n int64) int64) (d, slack time.Duration) {
	d = s.Interval
	if fast {
		d = s.FastInterval
	}
	return vary(d, s.Jitter, below), min(jitterOf(d, s.Jitter)/4, mostSlack)
}

// vary returns d made longer or shorter by up to percent.
func vary(d time.Duration, percent int, below func(n int64) int64) time.Duration {
	most := jitterOf(d, percent)
	return d - most + time.Duration(below(int64(2*most+1)))
}

func jitterOf(d time.Duration, percent int) time.Duration { return d * time.Duration(percent) / 100 }

// startSpread is the time over which the first probes of checkers that start together
// are spread.
const startSpread = time.Second

// startStep is the time between two first probes, as long as all fit into startSpread.
const startStep = time.Millisecond

// delayLocked returns the time until the first probe of a checker that starts now. It
// grows by startStep with each checker that starts. Once it has reached startSpread, it
// is random within that.
func (r *Registry) delayLocked() time.Duration {
	if now := r.clock.Now(); r.burst == 0 || now.Sub(r.burstAt) > startSpread {
		r.burst, r.burstAt = 0, now
	}
	d := time.Duration(r.burst) * startStep
	r.burst++
	if d > startSpread {
		return rand.N(startSpread)
	}
	return d
}
