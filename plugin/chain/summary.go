package chain

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
	now *pool.View
	ok  *pool.View // while no name is known
}

// A worst is how a name can be off.
type worst struct {
	pool int
	why  string // it is degraded, and this is served
}

func worstOf(v *pool.View) worst { return worst{v.Pool, v.Why} }

// start begins with the pool next, which answers while no name is known.
func (s *summary) start(base *pool.View, next int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ok = &pool.View{Pool: next, State: pool.OK}
	if next != 0 {
		s.ok.State = pool.FailedOver
	}
	s.now = s.ok
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
	to := s.ok
	for w := range s.of {
		if v := w.view(); rank(v) > rank(to) {
			to = v
		}
	}
	if worstOf(to) != worstOf(s.now) {
		from := s.now
		s.now = to
		s.Observer.ViewChanged(from, to, reason)
	}
}

func (w worst) view() *pool.View {
	v := &pool.View{Pool: w.pool, State: pool.OK, Why: w.why}
	switch {
	case w.why != "":
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
