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

// State returns the current state of the checker.
func (l *Lease) State() State { return State(l.checker.state.Load()) }

// Settled reports whether no result is awaited that could change the state. It is false
// from the first contrary result on until the next decision, and before the first
// decision, unless the check is inconclusive.
func (l *Lease) Settled() bool { return l.checker.settled.Load() }

// RoundTrip returns how long passed probes took, or 0 if none has passed. It is a moving
// average in which the last one counts an eighth, as in RFC 6298.
func (l *Lease) RoundTrip() time.Duration { return time.Duration(l.checker.roundTrip.Load()) }

// OnProbe registers f, which is called after every probe, when State, Settled and
// RoundTrip include it. f must not block and must not release a lease.
func (l *Lease) OnProbe(f func()) {
	if l.onProbe.Swap(&f) == nil {
		l.checker.onProbe.Add(1)
	}
}

// Need suspends damping while the endpoint is needed, because too few others are healthy.
// It does not block.
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

// endWitness ends what AcquireWitness began. It does nothing for other leases.
func (l *Lease) endWitness() {
	if l.witness {
		l.witness = false
		l.checker.registry.witnesses.remove(l.checker)
	}
}
