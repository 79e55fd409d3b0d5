package healthcheck

import (
	"sync"
	"time"

	"github.com/coredns-failover/failover/healthcheck/timer"
)

// When a host with thousands of targets dies, queries are to be answered between the
// probes that follow, not after them. breakStep is the time between two of these, and
// breakSpread the time for all of them, if the machine is fast enough.
const (
	breakStep   = 130 * time.Microsecond
	breakSpread = 650 * time.Millisecond
)

// maxStepsAtOnce is how many steps are made at a time after the timer was late. It has a
// resolution of 1 ms, and is later on a busy machine. Queries wait for these probes.
const maxStepsAtOnce = 12

// A watchQueue lets checkers whose watched connections broke probe one after the other.
type watchQueue struct {
	clock *timer.Clock
	timer *timer.Timer // set while checkers wait

	mu       sync.Mutex // guards the following
	waiting  []*checker
	perStep  int       // checkers that probe in one step
	lastStep time.Time // when the last step was made
}

func newWatchQueue(clock *timer.Clock) *watchQueue {
	q := &watchQueue{clock: clock}
	q.timer = clock.New(q.wakeDue)
	return q
}

// add adds c. Its connection is closed by the probe.
func (q *watchQueue) add(c *checker) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.waiting = append(q.waiting, c)
	q.perStep = max(q.perStep, 1+len(q.waiting)/int(breakSpread/breakStep+1))
	if len(q.waiting) == 1 {
		q.timer.NoLaterThan(q.lastStep.Add(breakStep))
	}
}

// wakeDue lets the checkers that are due probe, and sets the timer for the next step.
func (q *watchQueue) wakeDue() {
	for _, c := range q.takeDue(q.clock.Now()) {
		c.probeBroken()
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.waiting) > 0 {
		q.timer.At(q.clock.Now().Add(breakStep), 0)
	}
}

// takeDue removes the checkers that are due and returns them.
func (q *watchQueue) takeDue(now time.Time) []*checker {
	q.mu.Lock()
	defer q.mu.Unlock()
	steps := min(max(1, int(now.Sub(q.lastStep)/breakStep)), maxStepsAtOnce)
	n := min(steps*q.perStep, len(q.waiting))
	due := q.waiting[:n:n]
	q.waiting, q.lastStep = q.waiting[n:], now
	if len(q.waiting) == 0 {
		q.waiting, q.perStep = nil, 0
	}
	return due
}
