package healthcheck

import (
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// witnesses are the checkers of targets that answer unless this server is cut
// off. Nothing goes down that no witness confirms, and while none of them
// answers nothing changes at all.
type witnesses struct {
	cutOff   atomic.Bool
	reported atomic.Bool // what the hook knows of cutOff
	any      atomic.Bool // there are any, of which the address is known or not

	mu       sync.Mutex              // guards the following
	last     map[*checker]lastResult // by witness
	expected int                     // witnesses of which no address is known yet
	pass     time.Time               // when the latest probe of any that passed began
	telling  bool                    // somebody calls the hook
}

// A lastResult is that of a witness.
type lastResult struct {
	leases int
	known  bool
	passed bool
}

// AcquireWitness is Acquire for a target that bears witness as long as the lease
// is held.
func (r *Registry) AcquireWitness(key Key) *Lease {
	return r.acquire(&Lease{changed: func(Transition) {}, witness: true}, key, Unknown)
}

// ExpectWitness says that there is a witness that nobody knows how to reach yet.
// Until met is called, once, nothing goes down that no other witness confirms.
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

// add makes c a witness, before its next probe.
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

// remove takes back what one lease has added c for. That the last who answered is
// removed cuts nobody off: those who are left say so themselves if they are asked
// again, and at the end of the process they are not.
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

// record takes in a result if c is a witness. It returns when the latest probe of
// any witness began that passed, and the zero time if there is no witness.
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

// updateCutOffLocked finds out whether this server is cut off: every witness has been
// asked, and none has answered. A witness that could not be asked has not: that
// there is no route to it is how this server is mostly cut off, and whatever
// else it is, no witness confirms anything. One that has just been called says
// nothing against what is known.
func (w *witnesses) updateCutOffLocked() {
	cutOff, was := len(w.last) > 0, w.cutOff.Load()
	for _, v := range w.last {
		cutOff = cutOff && (v.known || was) && !v.passed
	}
	w.cutOff.Store(cutOff)
}

// awaits reports whether c is a witness that is waited for, as this server is cut
// off: its failures are not counted, but are to be confirmed all the same.
func (w *witnesses) awaits(c *checker) bool {
	if !w.cutOff.Load() {
		return false
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	_, ok := w.last[c]
	return ok
}

// tell tells the hook whether this server is cut off, if it does not know. It is
// called without a lock, because the hook may have to wait, such as for the log;
// meanwhile others go on, and what they find is told by who waits.
func (w *witnesses) tell(hook func(on bool)) {
	if w.cutOff.Load() == w.reported.Load() {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.telling {
		return
	}
	w.telling = true
	for w.cutOff.Load() != w.reported.Load() {
		on := w.cutOff.Load()
		w.reported.Store(on)
		w.mu.Unlock()
		if hook != nil {
			hook(on)
		}
		w.mu.Lock()
	}
	w.telling = false
}

// wake makes every witness be asked now. It holds no lock then: a checker that
// notes a result holds its own, and takes that of w.
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
