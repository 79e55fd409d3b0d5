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

// breakRow is how many of them begin together after the timer was late: it knows
// milliseconds, and a machine that is busy lets it wait. Then the probes take
// longer, and queries do not wait for more than a row of them.
const breakRow = 12

// A queue gives checkers whose connections broke their turns. The next is given
// no sooner than the last has been, so that not all of them are overdue at once.
type queue struct {
	clock *timer.Clock
	timer *timer.Timer // is set while some wait

	mu      sync.Mutex // guards the following
	waiting []*checker
	width   int       // turns that are given at a time
	last    time.Time // when some were
}

func newQueue(clock *timer.Clock) *queue {
	q := &queue{clock: clock}
	q.timer = clock.New(q.give)
	return q
}

// join lets c wait for its turn.
func (q *queue) join(c *checker) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.waiting = append(q.waiting, c)
	q.width = max(q.width, 1+len(q.waiting)/int(breakSpread/breakStep+1))
	if len(q.waiting) == 1 {
		q.timer.NoLaterThan(q.last.Add(breakStep))
	}
}

// give gives the turns that are due, and sees to the next.
func (q *queue) give() {
	for _, c := range q.due(q.clock.Now()) {
		c.takeTurn()
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.waiting) > 0 {
		q.timer.At(q.clock.Now().Add(breakStep), 0)
	}
}

func (q *queue) due(now time.Time) []*checker {
	q.mu.Lock()
	defer q.mu.Unlock()
	rows := min(max(1, int(now.Sub(q.last)/breakStep)), breakRow)
	n := min(rows*q.width, len(q.waiting))
	turns := q.waiting[:n:n]
	q.waiting, q.last = q.waiting[n:], now
	if len(q.waiting) == 0 {
		q.waiting, q.width = nil, 0
	}
	return turns
}
