package flapping

import (
	"math"
	"time"

	"github.com/coredns-failover/failover/healthcheck"
)

// between returns the mean time that a healthy endpoint stays up if each probe is lost with
// probability p. It is computed, not simulated: failures in a row are a Markov chain, which
// ends after as many as make the endpoint go down. The time is exact if a lost probe takes
// longer than the wait for the next, as with the defaults; else it is a lower bound.
func between(s healthcheck.Spec, p float64) time.Duration {
	n := float64(failuresNeeded(s))
	passed := s.Interval.Seconds() // mean time to the next probe
	failed := max(s.Timeout, shortest(s.FastInterval, s.Jitter)).Seconds()
	q := 1 - p
	run := (p*failed + q*passed) * (1 - math.Pow(p, n)) / (q * math.Pow(p, n))
	seconds := passed + run - (failed - s.Timeout.Seconds())
	return time.Duration(min(seconds*1e9, math.MaxInt64/2))
}

// failuresNeeded returns the least number of lost probes in a row that may take an endpoint
// down.
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
