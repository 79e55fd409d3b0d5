package healthcheck

import (
	"context"
	"errors"
	"net/netip"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// A locksmith finds mutexes that are held where none may be.
type locksmith struct {
	*testing.T
	registry *Registry
	lease    atomic.Pointer[Lease]
	visits   sync.Map    // names of places that were visited
	slow     atomic.Bool // probes end 1 s after their context
}

// visit is called at places where no mutex may be held.
func (s *locksmith) visit(where string) {
	s.visits.Store(where, true)
	s.free(where, "the Registry", &s.registry.mu)
	s.free(where, "the witnesses", &s.registry.witnesses.mu)
	s.free(where, "the watch queue", &s.registry.watchQueue.mu)
	if l := s.lease.Load(); l != nil {
		s.free(where, "the checker", &l.checker.mu)
	}
}

// free checks that mu is not held for long. Another goroutine may hold it for a moment.
// The clock of the bubble stands still, so this counts, for a few seconds at most.
func (s *locksmith) free(where, of string, mu *sync.Mutex) {
	for i := 0; i < 30_000_000 && !s.Failed(); i++ {
		if mu.TryLock() {
			mu.Unlock()
			return
		}
		runtime.Gosched()
	}
	s.Errorf("%s: the mutex of %s is held", where, of)
}

// places are all that have to be visited, and results those of probes, one after the other.
var (
	places  = []string{"probe", "watched", "closed", "hook Probed", "hook Changed", "hook Inconclusive", "hook Frozen", "holder", "OnProbe", "OnDoubt", "release"}
	results = []error{nil, nil, errNo, errNo, errNo, MarkInconclusive(errors.New("no route")), nil, nil, nil}
)

// A visited check visits from its probes.
type visited struct {
	s      *locksmith
	probes *atomic.Int32
}

func (c visited) Type() string   { return "visited" }
func (c visited) String() string { return "visited" }
func (c visited) Prober() Prober { return c }

// Probe implements [Prober].
func (c visited) Probe(ctx context.Context, _ netip.Addr) error {
	c.s.visit("probe")
	if c.s.slow.Load() {
		<-ctx.Done()
		time.Sleep(time.Second)
	}
	return results[int(c.probes.Add(1)-1)%len(results)]
}

// Watch implements [Watcher].
func (c visited) Watch(ctx context.Context, addr netip.Addr) (Watched, error) {
	if err := c.Probe(ctx, addr); err != nil {
		return nil, err
	}
	return &visitedConn{c.s, make(chan struct{}), new(sync.Once)}, nil
}

type visitedConn struct {
	s      *locksmith
	closed chan struct{}
	once   *sync.Once
}

func (c *visitedConn) Wait() error {
	c.s.visit("watched")
	<-c.closed
	return nil
}

func (c *visitedConn) Close() error {
	c.s.visit("closed")
	c.once.Do(func() { close(c.closed) })
	return nil
}

// No mutex is held while a probe runs, while its end is waited for, or while a callback
// runs.
func TestNoMutexIsHeldOutside(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &locksmith{T: t}
		s.registry = NewRegistry(Hooks{
			Probed:       func(Key, Result, time.Duration, error) { s.visit("hook Probed") },
			Changed:      func(Transition) { s.visit("hook Changed") },
			Inconclusive: func(Key, string) { s.visit("hook Inconclusive") },
			Frozen:       func(bool) { s.visit("hook Frozen") },
		})
		key := keyOf(visited{s, new(atomic.Int32)}, endpoint1)
		key.Spec.Watch, key.Spec.Fall, key.Spec.Rise = true, Threshold{Count: 2}, Threshold{Count: 2}
		out := keyOf(visited{s, new(atomic.Int32)}, witness1)
		l := s.registry.Acquire(key, Unknown, func(Transition) { s.visit("holder") })
		s.lease.Store(l)
		l.OnProbe(func() { s.visit("OnProbe") })
		l.OnDoubt(func(string) { s.visit("OnDoubt") })
		time.Sleep(30 * time.Second)
		w := s.registry.AcquireWitness(out)
		time.Sleep(30 * time.Second)
		s.slow.Store(true)
		time.Sleep(10*time.Second + time.Millisecond) // probes follow each other now
		released := make(chan struct{})
		go func() {
			defer close(released)
			s.registry.Release(l, w)
		}()
		synctest.Wait()
		select {
		case <-released:
			t.Error("released before the probe has ended")
		default:
			s.visit("release")
		}
		<-released
		for _, where := range places {
			if _, ok := s.visits.Load(where); !ok {
				t.Errorf("not visited: %s", where)
			}
		}
	})
}
