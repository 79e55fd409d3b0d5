package lookup

import (
	"sync"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/plugin/pool"
)

// A summary tells an Observer how the names of a wildcard are doing, as if they
// were one record: a log line and a metric for each of ten thousand would be a
// flood. The worst off stands for all.
type summary struct {
	pool.Observer

	mu     sync.Mutex // guards the following, and calls of the Observer
	counts map[condition]int
	worst  *pool.View // nil before the start
	best   *pool.View // while no name is known
}

// newSummary returns one of names for which the pool next answers if all is well,
// as it does while no name is known.
func newSummary(next int, o pool.Observer) *summary {
	ok := &pool.View{Pool: next, State: pool.OK}
	if next != 0 {
		ok.State = pool.FailedOver
	}
	return &summary{Observer: o, counts: make(map[condition]int), best: ok}
}

// A condition is how a name can be off.
type condition struct {
	pool     int
	degraded bool
	why      string // what is served while it is degraded
}

func conditionOf(v *pool.View) condition { return condition{v.Pool, v.State == pool.Degraded, v.Why} }

// start tells how the names are doing that are known from before: what has not
// changed is not told as a change.
func (s *summary) start() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.worst = s.findWorstLocked()
	s.Observer.ViewChanged(nil, s.worst, "start")
}

// EndpointChanged implements pool.Observer. What is learned from queries is not
// measured one by one.
func (s *summary) EndpointChanged(int, string, healthcheck.State) {}

// EndpointGone implements pool.Observer.
func (s *summary) EndpointGone(int, string) {}

// ViewChanged implements pool.Observer.
func (s *summary) ViewChanged(from, to *pool.View, reason string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counts[conditionOf(to)]++
	if from != nil {
		s.dropLocked(from)
	}
	s.updateLocked(reason)
}

// forget takes a name out that is not known any more.
func (s *summary) forget(v *pool.View) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dropLocked(v)
	s.updateLocked("nobody asks for the name any more")
}

func (s *summary) dropLocked(v *pool.View) {
	w := conditionOf(v)
	if s.counts[w]--; s.counts[w] <= 0 {
		delete(s.counts, w)
	}
}

// updateLocked tells the Observer if another name is the worst off.
func (s *summary) updateLocked(reason string) {
	if s.worst == nil {
		return
	}
	if to := s.findWorstLocked(); conditionOf(to) != conditionOf(s.worst) {
		from := s.worst
		s.worst = to
		s.Observer.ViewChanged(from, to, reason)
	}
}

func (s *summary) findWorstLocked() *pool.View {
	to := s.best
	for w := range s.counts {
		if v := w.view(); rank(v) > rank(to) {
			to = v
		}
	}
	return to
}

func (c condition) view() *pool.View {
	v := &pool.View{Pool: c.pool, State: pool.OK, Why: c.why}
	switch {
	case c.degraded:
		v.State = pool.Degraded
	case c.pool != 0:
		v.State = pool.FailedOver
	}
	return v
}

// rank is the higher the worse off a name is.
func rank(v *pool.View) int {
	switch {
	case v.Pool == pool.None:
		return 1 << 30
	case v.State == pool.Degraded:
		return 1<<20 + v.Pool
	default:
		return v.Pool
	}
}
