package timer

import (
	"math"
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
// After Stop nothing runs but a run that had begun. Many goroutines may call the methods
// at a time; the function may call all but Wait.
type Timer struct {
	clock *Clock
	run   func()
	runs  sync.WaitGroup // 1 during a run

	mu      sync.Mutex // guards the following
	phase   phase
	stopped bool
	at      moment        // when the next run is to begin
	slack   time.Duration // of at
	latest  moment        // set by NoLaterThan during a run

	// Used while waiting. The clock's mutex guards index and seq.

	alone *time.Timer // on the real clock, for exact times
	slot  *slot       // on the real clock, for times with slack
	index int         // in slot.timers, or in the heap of a virtual clock
	seq   uint64      // on a virtual clock: the order of timers with the same begin
	begin moment      // on a virtual clock: at, rounded
}

// A moment is the time since the origin of a clock. It takes a third of the memory of a
// time.Time, and there may be tens of thousands of timers.
type moment = time.Duration

// unset is the moment that was not set.
const unset moment = math.MinInt64

type phase uint8

const (
	idle phase = iota
	waiting
	running
)

// New returns an idle timer that calls run.
func (c *Clock) New(run func()) *Timer { return &Timer{clock: c, run: run, at: unset, latest: unset} }

// At sets the time of the next run, in place of the time set before. The run may be early
// or late by up to slack. A time in the past means now. During a run, At sets the time of
// the run after it; an earlier time of NoLaterThan still counts.
//
// A time with slack is rounded to the nearest of the times that timers share. So the mean
// run is neither early nor late.
func (t *Timer) At(when time.Time, slack time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.stopped {
		return
	}
	t.set(t.clock.moment(when), slack)
}

// NoLaterThan sets the time of the next run, unless that begins earlier anyway. During a
// run it sets the time of the run after it.
func (t *Timer) NoLaterThan(when time.Time) {
	at := t.clock.moment(when)
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case t.stopped:
	case t.phase == running:
		t.latest = earlier(t.latest, at)
	case t.phase == idle || at < t.at:
		t.set(at, 0)
	}
}

// Cancel clears the time of the next run. It does not end a run.
func (t *Timer) Cancel() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.clear()
}

// Stop prevents further runs. It does not wait for a run that has begun.
func (t *Timer) Stop() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.stopped = true
	t.clear()
}

// Wait waits for the end of a run that had begun before Stop. It must not be called before
// Stop.
func (t *Timer) Wait() { t.runs.Wait() }

// set is At and NoLaterThan with the mutex held.
func (t *Timer) set(at moment, slack time.Duration) {
	if t.phase == waiting {
		t.clock.disarm(t)
	}
	t.at, t.slack = at, slack
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
	t.at, t.latest = unset, unset
}

// wakeIn runs t if it still waits in s.
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

// wakeAlone runs t if its time has come. Another time may have been set since the timer of
// the runtime fired.
func (t *Timer) wakeAlone() {
	t.mu.Lock()
	if t.phase != waiting || t.slot != nil {
		t.mu.Unlock()
		return
	}
	if left := until(t.at); left > 0 {
		t.alone.Reset(left)
		t.mu.Unlock()
		return
	}
	t.start()
	t.mu.Unlock()
	t.runOnce()
}

// start begins a run, with the mutex held. Most timers have slack from their second run on,
// so the timer of the runtime is not kept.
func (t *Timer) start() {
	t.phase, t.at, t.latest, t.alone = running, unset, unset, nil
	t.runs.Add(1)
}

// runOnce calls run and then sets the timer for the next run.
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
	at, slack := t.at, t.slack
	if next := earlier(at, t.latest); next != at {
		at, slack = next, 0
	}
	if at != unset {
		t.set(at, slack)
	}
}

// earlier returns the earlier of two moments, ignoring those that were not set.
func earlier(a, b moment) moment {
	if a == unset || b != unset && b < a {
		return b
	}
	return a
}
