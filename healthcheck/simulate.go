package healthcheck

import (
	"math/rand/v2"
	"time"
)

// Simulate runs a checker of s in virtual time: a year of it takes a second. It
// decides with the machine and waits with the schedule of a real one, and lacks
// what hastens or withholds a decision from outside: Watch, witnesses and
// [Lease.Need], and does not round times to those of other checkers. A registry on
// a virtual clock lacks none of this, at some twenty times the cost. Nothing is known at first, and the first probe begins at 0.
//
// ask is what the target says to the probe that begins at a time, and how long
// that takes. A probe that would take longer than the Timeout fails as it ends.
// changed is told of every transition.
func Simulate(s *Spec, random *rand.Rand, until time.Duration,
	ask func(at time.Duration) (Result, time.Duration), changed func(at time.Duration, to State),
) {
	var m machine
	epoch, below := time.Unix(0, 0), random.Int64N
	for at := time.Duration(0); at < until; {
		r, took := ask(at)
		if took >= s.Timeout {
			r, took = Fail, s.Timeout
		}
		end := at + took
		if _, is := m.observe(s, conditions{}, r, epoch.Add(at), epoch.Add(end)); is {
			changed(end, m.state)
		}
		wait, _ := s.wait(m.fastPace(), below)
		at = max(end, at+wait)
	}
}
