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
	cutOff atomic.Bool

	mu   sync.Mutex             // guards the following
	last map[*checker]testimony // by witness
	pass time.Time              // when the latest probe of any that passed began
}

// A testimony is the last result of a witness.
type testimony struct {
	leases int
	known  bool
	passed bool
}

// AcquireWitness is Acquire for a target that bears witness as long as the lease
// is held.
func (r *Registry) AcquireWitness(key Key) *Lease {
	return r.acquire(&Lease{changed: func(Transition) {}, witness: true}, key, Unknown)
}

// call makes c a witness, before its next probe.
func (w *witnesses) call(c *checker) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.last == nil {
		w.last = make(map[*checker]testimony)
	}
	v := w.last[c]
	v.leases++
	w.last[c] = v
	w.judgeLocked(c.registry)
}

// dismiss ends the testimony that one lease has called c for.
func (w *witnesses) dismiss(c *checker) {
	w.mu.Lock()
	defer w.mu.Unlock()
	v := w.last[c]
	if v.leases--; v.leases > 0 {
		w.last[c] = v
	} else {
		delete(w.last, c)
	}
	w.judgeLocked(c.registry)
}

// note takes in a result if c is a witness.
func (w *witnesses) note(c *checker, res Result, start time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	v, ok := w.last[c]
	if !ok {
		return
	}
	v.known, v.passed = true, res == Pass
	w.last[c] = v
	if v.passed && start.After(w.pass) {
		w.pass = start
	}
	w.judgeLocked(c.registry)
}

// judgeLocked finds out whether this server is cut off: every witness has been
// asked, and none has answered. A witness that could not be asked has not.
func (w *witnesses) judgeLocked(r *Registry) {
	is := len(w.last) > 0
	for _, v := range w.last {
		is = is && v.known && !v.passed
	}
	if w.cutOff.Swap(is) != is && r.hooks.Frozen != nil {
		r.hooks.Frozen(is)
	}
}

// confirmed reports whether a witness passed a probe that began after t.
func (w *witnesses) confirmed(t time.Time) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.last) == 0 || w.pass.After(t)
}

// hasten makes every witness be asked now. It holds no lock then: a witness that
// is being judged takes its own and then that of w.
func (w *witnesses) hasten() {
	w.mu.Lock()
	cs := slices.Collect(maps.Keys(w.last))
	w.mu.Unlock()
	for _, c := range cs {
		c.hasten()
	}
}
