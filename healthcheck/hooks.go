package healthcheck

import (
	"maps"
	"time"
)

// A Transition is a change of a checker's State.
type Transition struct {
	Key      Key
	From, To State
	Reason   string // such as "5 failures in 3.1s: connect: connection refused"
}

// Hooks are called when something happens in a Registry. Many goroutines call them at a
// time. They must not block. A nil hook is not called.
type Hooks struct {
	// Probed is called after every probe, unless a release ended it. err is nil for
	// a pass, and may be a [*PanicError].
	Probed func(key Key, r Result, took time.Duration, err error)
	// Changed is called once for every transition, after the functions of its leases.
	Changed func(Transition)
	// Inconclusive is called with the cause of an inconclusive probe: once for all
	// probes and checkers that have this cause, and at most once a minute.
	Inconclusive func(key Key, cause string)
	// Frozen is called with true when no witness answers any more, so that no state
	// changes, and with false when one answers again.
	Frozen func(on bool)
	// Delayed is called for every probe that has to wait, because probes have most
	// descriptors open and may not have more.
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

// callFrozen calls the hook Frozen if it is due. It is called without a lock.
func (r *Registry) callFrozen() { r.witnesses.callHook(r.hooks.Frozen) }

// causeChanged counts the checkers by the cause of their inconclusive results, and calls
// the hook Inconclusive for a new cause. "" is no cause.
func (r *Registry) causeChanged(key Key, before, now string) {
	r.mu.Lock()
	if r.causes[before]--; r.causes[before] <= 0 {
		delete(r.causes, before)
	}
	if now != "" {
		r.causes[now]++
	}
	// A cause that replaces another may quote the target, and be new every time.
	first := before == "" && r.causes[now] == 1 && r.firstSinceLocked(now)
	r.mu.Unlock()
	if f := r.hooks.Inconclusive; f != nil && first {
		f(key, now)
	}
}

// causeRest is how long a cause that comes and goes is not reported again.
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
