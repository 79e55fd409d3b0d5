package healthcheck

import (
	"sync"
	"time"

	"github.com/coredns-failover/failover/healthcheck/timer"
)

// breakStep is what lies between two probes that breaks bring about, and
// breakSpread what many take if the machine can. When a host with thousands of
// targets dies, queries are to be answered between its probes, not after them.
const (
	breakStep   = 130 * time.Microsecond
	breakSpread = 650 * time.Millisecond
)

// maxStepsAtOnce is how many of them begin together after the timer was late: it knows
// milliseconds, and a machine that is busy lets it wait. Then the probes take
// longer, and queries do not wait for more than a row of them.
const maxStepsAtOnce = 12

// A queue gives checkers whose connections broke their due. The next is given
// no sooner than the last has been, so that not all of them are overdue at once.
type watchQueue struct {
	clock *timer.Clock
	timer *timer.Timer // is set while some wait

	mu       sync.Mutex // guards the following
	waiting  []*checker
	perStep  int       // due that are given at a time
	lastStep time.Time // when some were
}

func newWatchQueue(clock *timer.Clock) *watchQueue {
	q := &watchQueue{clock: clock}
	q.timer = clock.New(q.wakeDue)
	return q
}

// join lets c wait for its turn.
func (q *watchQueue) add(c *checker) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.waiting = append(q.waiting, c)
	q.perStep = max(q.perStep, 1+len(q.waiting)/int(breakSpread/breakStep+1))
	if len(q.waiting) == 1 {
		q.timer.NoLaterThan(q.lastStep.Add(breakStep))
	}
}

// give gives the due that are due, and sees to the next.
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
