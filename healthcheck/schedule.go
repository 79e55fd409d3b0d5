package healthcheck

import "time"

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
