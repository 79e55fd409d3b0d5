package healthcheck

import (
	"maps"
	"time"
)

// A Transition is a change of what a checker says of its endpoint.
type Transition struct {
	Key      Key
	From, To State
	Reason   string // in words, such as "5 failures in 3.1s: connect: connection refused"
}

// Hooks are told what happens in a Registry. They are called by many
// goroutines at a time and must not block. A nil hook is not called.
type Hooks struct {
	// Probed is told of every probe that was not cut short by its release.
	// err is nil for a pass, and may be a [*PanicError].
	Probed func(key Key, r Result, took time.Duration, err error)
	// Changed is told of every transition, once for the checker, after the
	// holders of its leases were.
	Changed func(Transition)
	// Inconclusive is told why a probe could not ask: once, not for every probe
	// and every checker that has the same trouble, until none has had it for a
	// minute.
	Inconclusive func(key Key, cause string)
	// Frozen is told that no witness answers any more, so that nothing changes,
	// or that one does again.
	Frozen func(on bool)
	// Delayed is told of every probe that waits for its turn, because as many
	// descriptors are open for probes as may be, which are most.
	Delayed func(most int64)
}

func (r *Registry) probed(key Key, res Result, took time.Duration, err error) {
	if f := r.hooks.Probed; f != nil {
		f(key, res, took, err)
	}
}

func (r *Registry) delayed() {
	if f := r.hooks.Delayed; f != nil {
		f(r.files.most)
	}
}

func (r *Registry) changed(t Transition) {
	if f := r.hooks.Changed; f != nil {
		f(t)
	}
}

// tellFrozen is called without a lock, wherever the witnesses may have changed
// their mind.
func (r *Registry) tellFrozen() { r.witnesses.tell(r.hooks.Frozen) }

// causeChanged keeps count of what keeps checkers from asking; "" is nothing.
func (r *Registry) causeChanged(key Key, was, is string) {
	r.mu.Lock()
	if r.causes[was]--; r.causes[was] <= 0 {
		delete(r.causes, was)
	}
	if is != "" {
		r.causes[is]++
	}
	// A cause that changes from probe to probe is in somebody else's words.
	first := was == "" && r.causes[is] == 1 && r.firstSinceLocked(is)
	r.mu.Unlock()
	if f := r.hooks.Inconclusive; f != nil && first {
		f(key, is)
	}
}

// causeRest is how long a cause that comes and goes is not told again.
const causeRest = time.Minute

func (r *Registry) firstSinceLocked(cause string) bool {
	now := r.clock.Now()
	maps.DeleteFunc(r.reported, func(_ string, at time.Time) bool { return now.Sub(at) >= causeRest })
	if _, ok := r.reported[cause]; ok {
		return false
	}
	r.reported[cause] = now
	return true
}
