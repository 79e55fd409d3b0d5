package timer

import (
	"container/heap"
	"sync"
	"time"
)

// virtual is the state of a virtual clock.
type virtual struct {
	start time.Time

	mu    sync.Mutex // guards the following; taken with the mutex of a Timer held
	now   time.Time
	seq   uint64 // of the last timer that was armed
	armed timerHeap
}

// NewVirtual returns a virtual clock that shows start. Its timers run one after the other
// on the goroutine that calls Run.
func NewVirtual(start time.Time) *Clock {
	return &Clock{virtual: &virtual{start: start, now: start}}
}

// Run advances a virtual clock to until and runs the timers that are due by then. It panics
// on the real clock.
func (c *Clock) Run(until time.Time) {
	v := c.virtual
	if v == nil {
		panic("timer: Run on the real clock")
	}
	for t := v.next(until); t != nil; t = v.next(until) {
		if t.wakeVirtual() {
			t.runOnce()
		}
	}
}

// next advances the clock to the next timer that is due and returns it. If none is due by
// until, it advances to until and returns nil. The timer stays armed: a timer that runs
// may stop it, and wait for it.
func (v *virtual) next(until time.Time) *Timer {
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.armed) == 0 || v.armed[0].begin > until.Sub(v.start) {
		if until.After(v.now) {
			v.now = until
		}
		return nil
	}
	t := v.armed[0]
	if begin := v.start.Add(t.begin); begin.After(v.now) {
		v.now = begin
	}
	return t
}

// wakeVirtual begins a run of t, if t still waits, and reports whether it did.
func (t *Timer) wakeVirtual() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.phase != waiting {
		return false
	}
	t.clock.virtual.disarm(t)
	t.start()
	return true
}

func (v *virtual) arm(t *Timer, grain time.Duration) {
	v.mu.Lock()
	defer v.mu.Unlock()
	t.begin = t.at
	if grain > 0 {
		t.begin = t.at.Round(grain)
	}
	v.seq++
	t.seq = v.seq
	heap.Push(&v.armed, t)
}

func (v *virtual) disarm(t *Timer) {
	v.mu.Lock()
	defer v.mu.Unlock()
	heap.Remove(&v.armed, t.index)
}

func (v *virtual) time() time.Time {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.now
}

// A timerHeap is a heap of timers in the order of begin, and then of seq.
type timerHeap []*Timer

func (h timerHeap) Len() int { return len(h) }

func (h timerHeap) Less(i, j int) bool {
	if h[i].begin != h[j].begin {
		return h[i].begin < h[j].begin
	}
	return h[i].seq < h[j].seq
}

func (h timerHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].index, h[j].index = i, j
}

// Push implements [heap.Interface].
func (h *timerHeap) Push(x any) {
	t := x.(*Timer)
	t.index = len(*h)
	*h = append(*h, t)
}

// Pop implements [heap.Interface].
func (h *timerHeap) Pop() any {
	last := len(*h) - 1
	t := (*h)[last]
	(*h)[last] = nil
	*h = (*h)[:last]
	return t
}
