package healthcheck

import (
	"sync/atomic"
	"time"
)

// A Lease keeps a checker running.
type Lease struct {
	checker *checker
	changed func(Transition)
	onProbe atomic.Pointer[func()]
	onDoubt atomic.Pointer[func(cause string)]
	needs   atomic.Bool
	witness bool
}

// State returns what the checker says at this moment.
func (l *Lease) State() State { return State(l.checker.state.Load()) }

// Settled reports whether the last result agreed with the state. From the first
// contrary result on it is false, and before the first decision while the check
// can be asked.
func (l *Lease) Settled() bool { return l.checker.settled.Load() }

// RoundTrip returns how long the probes that passed took, as a moving average in
// which the last one counts an eighth (as the smoothed round-trip time of RFC
// 6298 does), or 0 if none has passed yet.
func (l *Lease) RoundTrip() time.Duration { return time.Duration(l.checker.roundTrip.Load()) }

// OnProbe lets f be called after every probe, once State, Settled and RoundTrip
// tell what came of it. f must not block and must not call back into the lease.
func (l *Lease) OnProbe(f func()) {
	if l.onProbe.Swap(&f) == nil {
		l.checker.onProbe.Add(1)
	}
}

// Need suspends damping while the endpoint is needed, because there are too few
// others, or takes that back. It does nothing that could block.
func (l *Lease) Need(on bool) {
	if l.needs.Swap(on) == on {
		return
	}
	if on {
		l.checker.needed.Add(1)
	} else {
		l.checker.needed.Add(-1)
	}
}

// endWitness lets the lease keep no witness any more, if it keeps one.
func (l *Lease) endWitness() {
	if l.witness {
		l.witness = false
		l.checker.registry.witnesses.remove(l.checker)
	}
}
