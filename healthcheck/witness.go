package healthcheck

import (
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// witnesses are the checkers of targets that answer unless this server is cut off. An
// endpoint goes down only if a witness passed a probe after the failure. While no witness
// answers, no state changes.
type witnesses struct {
	cutOff   atomic.Bool
	reported atomic.Bool // the value of cutOff that the hook was called with last
	any      atomic.Bool // last is not empty, or expected is not 0

	mu       sync.Mutex              // guards the following
	last     map[*checker]lastResult // by witness
	expected int                     // witnesses without a known address
	pass     time.Time               // when the latest passed probe of a witness began
	calling  bool                    // a goroutine calls the hook
}

// A lastResult is the last result of a witness.
type lastResult struct {
	leases int
	known  bool
	passed bool
}

// AcquireWitness is [Registry.Acquire] for a target that is a witness as long as the
// lease is held.
func (r *Registry) AcquireWitness(key Key) *Lease {
	return r.acquire(&Lease{changed: func(Transition) {}, witness: true}, key, Unknown)
}

// ExpectWitness announces a witness whose address is not known yet. Until met is called,
// an endpoint goes down only if another witness confirms it. met must be called once.
func (r *Registry) ExpectWitness() (met func()) {
	r.witnesses.expect(1)
	return func() { r.witnesses.expect(-1) }
}

func (w *witnesses) expect(n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.expected += n
	w.countLocked()
}

func (w *witnesses) countLocked() { w.any.Store(len(w.last)+w.expected > 0) }

// add makes c a witness. It is called once for each lease.
func (w *witnesses) add(c *checker) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.last == nil {
		w.last = make(map[*checker]lastResult)
	}
	v := w.last[c]
	v.leases++
	w.last[c] = v
	w.countLocked()
	w.updateCutOffLocked()
}

// remove undoes one add. It never sets cutOff, even if only witnesses that failed are
// left: the next probe of one of them does. At the end of the process there is none.
func (w *witnesses) remove(c *checker) {
	w.mu.Lock()
	defer w.mu.Unlock()
	v := w.last[c]
	if v.leases--; v.leases > 0 {
		w.last[c] = v
	} else {
		delete(w.last, c)
	}
	w.countLocked()
	if w.cutOff.Load() {
		w.updateCutOffLocked()
	}
}

// never is before all probes.
var never = time.Unix(0, 0)

// record records a result if c is a witness. It returns when the latest passed probe of
// any witness began: never if none has passed, and the zero time if there is no witness.
func (w *witnesses) record(c *checker, res Result, start time.Time) (witnessed time.Time) {
	if !w.any.Load() {
		return time.Time{}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if v, ok := w.last[c]; ok {
		w.recordLocked(c, v, res, start)
	}
	switch {
	case len(w.last)+w.expected == 0:
		return time.Time{}
	case w.pass.IsZero():
		return never
	default:
		return w.pass
	}
}

func (w *witnesses) recordLocked(c *checker, v lastResult, res Result, start time.Time) {
	v.known, v.passed = true, res == Pass
	w.last[c] = v
	if v.passed && start.After(w.pass) {
		w.pass = start
	}
	w.updateCutOffLocked()
}

// updateCutOffLocked sets cutOff if every witness has a result and none passed. An
// inconclusive result counts like a failure: most often a server is cut off because it
// has no route. A new witness without a result does not change cutOff.
func (w *witnesses) updateCutOffLocked() {
	cutOff, was := len(w.last) > 0, w.cutOff.Load()
	for _, v := range w.last {
		cutOff = cutOff && (v.known || was) && !v.passed
	}
	w.cutOff.Store(cutOff)
}

// awaits reports whether this server is cut off and c is a witness. The machine sees no
// failure then, but c is to be probed at FastInterval all the same.
func (w *witnesses) awaits(c *checker) bool {
	if !w.cutOff.Load() {
		return false
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	_, ok := w.last[c]
	return ok
}

// callHook calls hook if cutOff has changed since the last call. It is called without a lock,
// because hook may wait for the log. Only one goroutine calls hook at a time; it repeats
// the call if cutOff changes meanwhile.
func (w *witnesses) callHook(hook func(on bool)) {
	if w.cutOff.Load() == w.reported.Load() {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.calling {
		return
	}
	w.calling = true
	for w.cutOff.Load() != w.reported.Load() {
		on := w.cutOff.Load()
		w.reported.Store(on)
		w.mu.Unlock()
		if hook != nil {
			hook(on)
		}
		w.mu.Lock()
	}
	w.calling = false
}

// wake wakes all witnesses. It does so without w's lock, which a checker takes while it
// holds its own.
func (w *witnesses) wake() {
	if !w.any.Load() {
		return
	}
	w.mu.Lock()
	cs := slices.Collect(maps.Keys(w.last))
	w.mu.Unlock()
	for _, c := range cs {
		c.wake()
	}
}
