package lookup

import (
	"sync"
	"time"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/plugin/pool"
)

// A summary reports the names of a wildcard to an Observer as if they were one record,
// with the condition of the worst: a log line and a metric for each of ten thousand
// names would be too many.
type summary struct {
	pool.Observer

	mu     sync.Mutex // guards the following, and calls of the Observer
	counts map[condition]int
	worst  *pool.View // nil before the start
	best   *pool.View // of no names
	since  time.Time  // when worst became what it is
	reason string     // why
}

// newSummary returns a summary of no names. next is the index of the pool that answers
// for healthy names.
func newSummary(next int, o pool.Observer) *summary {
	ok := &pool.View{Pool: next, State: pool.OK}
	if next != 0 {
		ok.State = pool.FailedOver
	}
	return &summary{Observer: o, counts: make(map[condition]int), best: ok}
}

// A condition is the part of a View that is compared.
type condition struct {
	pool     int
	degraded bool
	why      string // the View's, while it is degraded
}

func conditionOf(v *pool.View) condition { return condition{v.Pool, v.State == pool.Degraded, v.Why} }

// start reports the condition after the names from before a reload were added: they
// have not changed.
func (s *summary) start() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.worst, s.since, s.reason = s.findWorstLocked(), time.Now(), "start"
	s.Observer.ViewChanged(nil, s.worst, "start")
}

// EndpointChanged implements pool.Observer. Learned names have no metrics of their own.
func (s *summary) EndpointChanged(int, string, healthcheck.State, healthcheck.State, string) {}

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

// forget removes a name.
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

// updateLocked calls the Observer if the worst condition has changed.
func (s *summary) updateLocked(reason string) {
	if s.worst == nil {
		return
	}
	if to := s.findWorstLocked(); conditionOf(to) != conditionOf(s.worst) {
		from := s.worst
		s.worst, s.since, s.reason = to, time.Now(), reason
		s.Observer.ViewChanged(from, to, reason)
	}
}

// now returns the worst condition, since when it is that, and why.
func (s *summary) now() (v pool.View, since time.Time, reason string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.worst == nil {
		return *s.best, s.since, s.reason
	}
	return *s.worst, s.since, s.reason
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

// rank returns a number that is higher for a worse View.
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
