package healthcheck

import (
	"math/rand/v2"
	"time"
)

// Simulate runs a checker of s in virtual time; a year takes a second. It starts from
// [Unknown], and its first probe begins at 0. State machine and schedule are those of a
// real checker. It does without Watch, witnesses and [Lease.Need], and does not share
// timers with other checkers. (A registry on a virtual clock does all of this, at some
// twenty times the cost.)
//
// probe returns the result of the probe that begins at a time, and how long it takes. If
// that is longer than the Timeout, the probe fails after Timeout. changed is called for
// every transition.
func Simulate(s *Spec, random *rand.Rand, until time.Duration,
	probe func(at time.Duration) (Result, time.Duration), changed func(at time.Duration, to State),
) {
	var m machine
	epoch, below := time.Unix(0, 0), random.Int64N
	for at := time.Duration(0); at < until; {
		r, took := probe(at)
		if took >= s.Timeout {
			r, took = Fail, s.Timeout
		}
		end := at + took
		if _, ok := m.observe(s, conditions{}, r, epoch.Add(at), epoch.Add(end)); ok {
			changed(end, m.state)
		}
		wait, _ := s.wait(m.fastPace(), below)
		at = max(end, at+wait)
	}
}
