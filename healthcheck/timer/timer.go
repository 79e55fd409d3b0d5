package timer

import (
	"sync"
	"time"
)

// A Timer runs a function at times that are set one after the other:
//
//	          At, NoLaterThan            the time comes
//	idle ---------------------> waiting ---------------> running
//	  ^                           ^                         |
//	  +---- nothing was set ------+---- its end: a time ----+
//	                                    was set meanwhile
//
// Stop ends idle and waiting at once, and running at its end. The methods may be
// called from anywhere, and all but Wait from the function too.
type Timer struct {
	clock *Clock
	run   func()
	runs  sync.WaitGroup // one while run is on its way

	mu      sync.Mutex // guards the following
	phase   phase
	at      time.Time     // when the next run is to begin; zero if none was set
	slack   time.Duration // of at
	latest  time.Time     // of NoLaterThan during a run; zero is none
	stopped bool

	// Where it waits. The clock's mutex guards index and seq.

	alone *time.Timer // on the real clock, for exact times
	slot  *slot       // on the real clock, for others
	index int         // in slot.timers, or in the heap of a virtual clock
	seq   uint64      // breaks ties on a virtual clock
	begin time.Time   // at, rounded, on a virtual clock
}

type phase uint8

const (
	idle phase = iota
	waiting
	running
)

// New returns a timer of the clock that calls run. It waits for At.
func (c *Clock) New(run func()) *Timer { return &Timer{clock: c, run: run} }

// At lets the next run begin at when, or up to slack sooner or later, instead of
// when it was to begin before. A time in the past is now. During a run it is kept
// for the end of the run, and a NoLaterThan since the run began still counts.
//
// Times with slack are rounded to the nearest moment that timers share, so that
// on average they are neither early nor late.
func (t *Timer) At(when time.Time, slack time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.stopped {
		return
	}
	t.set(when, slack)
}

// NoLaterThan lets the next run begin at when, unless it is to begin sooner
// anyway. During a run it is kept for the end of the run.
func (t *Timer) NoLaterThan(when time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case t.stopped:
	case t.phase == running:
		t.latest = earlier(t.latest, when)
	case t.phase == idle || when.Before(t.at):
		t.set(when, 0)
	}
}

// Cancel forgets the time that was set. It returns at once.
func (t *Timer) Cancel() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.clear()
}

// Stop lets no run begin any more. It does not wait for one that has begun.
func (t *Timer) Stop() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.stopped = true
	t.clear()
}

// Wait returns once the run that had begun when Stop was called has ended. It
// must not be called before Stop.
func (t *Timer) Wait() { t.runs.Wait() }

// set is At and NoLaterThan with the mutex held.
func (t *Timer) set(when time.Time, slack time.Duration) {
	if t.phase == waiting {
		t.clock.disarm(t)
	}
	t.at, t.slack = when, slack
	if t.phase == running {
		return
	}
	t.phase = waiting
	t.clock.arm(t, slack)
}

// clear is Cancel with the mutex held.
func (t *Timer) clear() {
	if t.phase == waiting {
		t.clock.disarm(t)
		t.phase = idle
	}
	t.at, t.latest = time.Time{}, time.Time{}
}

// wakeIn runs t if it still waits for a slot that has come.
func (t *Timer) wakeIn(s *slot) {
	t.mu.Lock()
	if t.phase != waiting || t.slot != s {
		t.mu.Unlock()
		return
	}
	t.slot = nil
	t.start()
	t.mu.Unlock()
	t.runOnce()
}

// wakeAlone runs t if its time has come. It may have been set anew while the wake
// was on its way.
func (t *Timer) wakeAlone() {
	t.mu.Lock()
	if t.phase != waiting || t.slot != nil {
		t.mu.Unlock()
		return
	}
	if left := time.Until(t.at); left > 0 {
		t.alone.Reset(left)
		t.mu.Unlock()
		return
	}
	t.start()
	t.mu.Unlock()
	t.runOnce()
}

// start enters a run, with the mutex held.
func (t *Timer) start() {
	t.phase, t.at, t.latest = running, time.Time{}, time.Time{}
	t.runs.Add(1)
}

// runOnce is one run, and sets the timer for the one that follows.
func (t *Timer) runOnce() {
	defer t.runs.Done()
	defer t.end()
	t.run()
}

func (t *Timer) end() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.phase = idle
	if t.stopped {
		return
	}
	when, slack := t.at, t.slack
	if !t.latest.IsZero() && (when.IsZero() || t.latest.Before(when)) {
		when, slack = t.latest, 0
	}
	if !when.IsZero() {
		t.set(when, slack)
	}
}

// earlier returns the earlier of two times; a zero one is none.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}
