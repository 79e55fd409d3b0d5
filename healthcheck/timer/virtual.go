package timer

import (
	"container/heap"
	"sync"
	"time"
)

// virtual is what a virtual clock has instead of the real one.
type virtual struct {
	start time.Time

	mu    sync.Mutex // guards the following; taken with the mutex of a Timer held
	now   time.Time
	seq   uint64 // of the timer that was armed last
	armed timerHeap
}

// NewVirtual returns a clock that stands at start. Its timers run one after the
// other on the goroutine that lets it go on.
func NewVirtual(start time.Time) *Clock {
	return &Clock{virtual: &virtual{start: start, now: start}}
}

// Run lets a virtual clock go on until a time, which it then shows, and runs
// what is due up to then. It panics on the real clock.
func (c *Clock) Run(until time.Time) {
	v := c.virtual
	if v == nil {
		panic("timer: the real clock goes on by itself")
	}
	for t := v.next(until); t != nil; t = v.next(until) {
		if t.wakeVirtual() {
			t.runOnce()
		}
	}
}

// next goes on to the timer that is due next and returns it, and nil if none is
// until then. It takes one at a time: a run may stop another and wait for it.
func (v *virtual) next(until time.Time) *Timer {
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.armed) == 0 || v.armed[0].begin.After(until) {
		if until.After(v.now) {
			v.now = until
		}
		return nil
	}
	t := v.armed[0]
	if t.begin.After(v.now) {
		v.now = t.begin
	}
	return t
}

// wakeVirtual reports whether t still waits, and is running from now on.
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
		t.begin = v.start.Add(t.at.Sub(v.start).Round(grain))
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

// A timerHeap is a heap of timers, the earliest first, and of those that begin
// together the one that was set first.
type timerHeap []*Timer

func (h timerHeap) Len() int { return len(h) }

func (h timerHeap) Less(i, j int) bool {
	if c := h[i].begin.Compare(h[j].begin); c != 0 {
		return c < 0
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
