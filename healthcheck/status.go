package healthcheck

import "time"

// A Status is what a checker has found out, for people.
type Status struct {
	State  State
	Since  time.Time // when it came to be so, or when the checker started
	Streak int       // results in a row that speak against the state
	Needed int       // such results that change it
	Last   LastProbe
}

// A LastProbe is the last one that has ended. Its Time is zero before the first.
type LastProbe struct {
	Time   time.Time // when it began
	Result Result
	Reason string // why it did not pass, or ""
	Took   time.Duration
}

// Status returns what the checker has found out up to now.
func (l *Lease) Status() Status {
	c := l.checker
	c.mu.Lock()
	defer c.mu.Unlock()
	s := Status{State: c.machine.state, Since: c.since, Streak: c.machine.count, Last: c.last}
	next := Down
	if s.State == Down {
		next = Up
	}
	s.Needed = c.machine.threshold(&c.spec.Spec, conditions{undamped: c.needed.Load() > 0}, next).Count
	return s
}

// Key returns what is checked, and of whom.
func (l *Lease) Key() Key { return l.checker.key() }

// Frozen reports whether this server is cut off: no witness answers, and nothing changes
// its state.
func (r *Registry) Frozen() bool { return r.witnesses.cutOff.Load() }
