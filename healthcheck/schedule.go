package healthcheck

import "time"

// wait returns the time from the start of a probe to the start of the next, for
// a checker that confirms a failure (fast) or does not. below(n) is a random number from 0 to n-1.
func (s *Spec) wait(fast bool, below func(n int64) int64) time.Duration {
	if fast {
		return vary(s.FastInterval, s.Jitter, below)
	}
	return vary(s.Interval, s.Jitter, below)
}

// vary returns d, longer or shorter by up to percent.
func vary(d time.Duration, percent int, below func(n int64) int64) time.Duration {
	most := d * time.Duration(percent) / 100
	return d - most + time.Duration(below(int64(2*most+1)))
}
