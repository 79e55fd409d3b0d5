package flapping

import (
	"math"
	"time"

	"github.com/coredns-failover/failover/healthcheck"
)

// Between returns the mean time that a well endpoint stays up, once it came up,
// while each probe is lost with probability p. Nothing is drawn: probes that fail in a row are a
// Markov chain with as many states as it takes failures, and the time to its end
// is solved for. It is exact where a lost probe outlasts the wait for the next, as
// with the defaults, and else a bound below.
func Between(s healthcheck.Spec, p float64) time.Duration {
	n := float64(failuresNeeded(s))
	passed := s.Interval.Seconds() // to the next probe, in the mean
	failed := max(s.Timeout, shortest(s.FastInterval, s.Jitter)).Seconds()
	q := 1 - p
	run := (p*failed + q*passed) * (1 - math.Pow(p, n)) / (q * math.Pow(p, n))
	seconds := passed + run - (failed - s.Timeout.Seconds())
	return time.Duration(min(seconds*1e9, math.MaxInt64/2))
}

// failuresNeeded is how many lost probes in a row are enough at the least.
func failuresNeeded(s healthcheck.Spec) int {
	apart := max(s.Timeout, longest(s.FastInterval, s.Jitter))
	span, n := s.Timeout, 1
	for n < s.Fall.Count || span < s.Fall.For {
		span += apart
		n++
	}
	return n
}

func shortest(d time.Duration, jitter int) time.Duration {
	return d - d*time.Duration(jitter)/100
}

func longest(d time.Duration, jitter int) time.Duration {
	return d + d*time.Duration(jitter)/100
}
