package healthcheck

import (
	"math/rand/v2"
	"time"
)

// mostSlack bounds by how much a probe is early or late to begin with others.
const mostSlack = 10 * time.Millisecond

// wait returns the time from the start of a probe to the start of the next, for
// a checker that confirms a failure (fast) or does not, and by how much it may be
// shorter or longer: a quarter of the jitter at most. below(n) is a random number
// from 0 to n-1.
func (s *Spec) wait(fast bool, below func(n int64) int64) (d, slack time.Duration) {
	d = s.Interval
	if fast {
		d = s.FastInterval
	}
	return vary(d, s.Jitter, below), min(jitterOf(d, s.Jitter)/4, mostSlack)
}

// vary returns d, longer or shorter by up to percent.
func vary(d time.Duration, percent int, below func(n int64) int64) time.Duration {
	most := jitterOf(d, percent)
	return d - most + time.Duration(below(int64(2*most+1)))
}

func jitterOf(d time.Duration, percent int) time.Duration { return d * time.Duration(percent) / 100 }

// startSpread is the time over which the first probes of checkers that start
// together are spread, so that they are not one burst.
const startSpread = time.Second

// startStep is what lies between two first probes while so few start together
// that startSpread is not needed for them.
const startStep = time.Millisecond

// delayLocked returns how long a checker that starts now waits for its first
// probe: the first of a row a moment, later ones ever longer until startSpread
// is full, the rest anywhere within it.
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
