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

	mu  sync.Mutex // guards the following, and calls of the Observer
	of  map[worst]int
	now *pool.View // nil before the start
	ok  *pool.View // while no name is known
}

// newSummary returns one of names for which the pool next answers if all is well,
// as it does while no name is known.
func newSummary(next int, o pool.Observer) *summary {
	ok := &pool.View{Pool: next, State: pool.OK}
	if next != 0 {
		ok.State = pool.FailedOver
	}
	return &summary{Observer: o, of: make(map[worst]int), ok: ok}
}

// A worst is how a name can be off.
type worst struct {
	pool     int
	degraded bool
	why      string // what is served while it is degraded
}

func worstOf(v *pool.View) worst { return worst{v.Pool, v.State == pool.Degraded, v.Why} }

// start tells how the names are doing that are known from before: what has not
// changed is not told as a change.
func (s *summary) start() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = s.worstLocked()
	s.Observer.ViewChanged(nil, s.now, "start")
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
	s.of[worstOf(to)]++
	if from != nil {
		s.dropLocked(from)
	}
	s.judgeLocked(reason)
}

// forget takes a name out that is not known any more.
func (s *summary) forget(v *pool.View) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dropLocked(v)
	s.judgeLocked("nobody asks for the name any more")
}

func (s *summary) dropLocked(v *pool.View) {
	w := worstOf(v)
	if s.of[w]--; s.of[w] <= 0 {
		delete(s.of, w)
	}
}

// judgeLocked tells the Observer if another name is the worst off.
func (s *summary) judgeLocked(reason string) {
	if s.now == nil {
		return
	}
	if to := s.worstLocked(); worstOf(to) != worstOf(s.now) {
		from := s.now
		s.now = to
		s.Observer.ViewChanged(from, to, reason)
	}
}

func (s *summary) worstLocked() *pool.View {
	to := s.ok
	for w := range s.of {
		if v := w.view(); rank(v) > rank(to) {
			to = v
		}
	}
	return to
}

func (w worst) view() *pool.View {
	v := &pool.View{Pool: w.pool, State: pool.OK, Why: w.why}
	switch {
	case w.degraded:
		v.State = pool.Degraded
	case w.pool != 0:
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
