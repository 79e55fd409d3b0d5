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
	armed uint64 // timers so far
	queue queue
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
			t.turn()
		}
	}
}

// next goes on to the timer that is due next and returns it, and nil if none is
// until then. It takes one at a time: a run may stop another and wait for it.
func (v *virtual) next(until time.Time) *Timer {
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.queue) == 0 || v.queue[0].begin.After(until) {
		if until.After(v.now) {
			v.now = until
		}
		return nil
	}
	t := v.queue[0]
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
	v.armed++
	t.seq = v.armed
	heap.Push(&v.queue, t)
}

func (v *virtual) disarm(t *Timer) {
	v.mu.Lock()
	defer v.mu.Unlock()
	heap.Remove(&v.queue, t.index)
}

func (v *virtual) time() time.Time {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.now
}

// A queue is a heap of timers, the earliest first, and of those that begin
// together the one that was set first.
type queue []*Timer

func (q queue) Len() int { return len(q) }

func (q queue) Less(i, j int) bool {
	if c := q[i].begin.Compare(q[j].begin); c != 0 {
		return c < 0
	}
	return q[i].seq < q[j].seq
}

func (q queue) Swap(i, j int) {
	q[i], q[j] = q[j], q[i]
	q[i].index, q[j].index = i, j
}

// Push implements [heap.Interface].
func (q *queue) Push(x any) {
	t := x.(*Timer)
	t.index = len(*q)
	*q = append(*q, t)
}

// Pop implements [heap.Interface].
func (q *queue) Pop() any {
	last := len(*q) - 1
	t := (*q)[last]
	(*q)[last] = nil
	*q = (*q)[:last]
	return t
}
