package healthcheck

import (
	"context"
	"fmt"
	"maps"
	"net"
	"net/netip"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// A host is a target whose connections can be watched.
type host struct {
	mu     sync.Mutex // guards the following
	dead   bool
	idle   time.Duration // after which it closes connections; 0 is never
	open   map[*hostConn]bool
	probes []time.Duration
	start  time.Time
}

func newHost() *host { return &host{open: make(map[*hostConn]bool), start: time.Now()} }

func (h *host) Type() string   { return "host" }
func (h *host) String() string { return "host" }
func (h *host) Prober() Prober { return h }

func (h *host) Probe(ctx context.Context, addr netip.Addr) error {
	c, err := h.Watch(ctx, addr)
	if err == nil {
		c.Close()
	}
	return err
}

func (h *host) Watch(context.Context, netip.Addr) (Watched, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.probes = append(h.probes, time.Since(h.start))
	if h.dead {
		return nil, errNo
	}
	c := &hostConn{host: h, broken: make(chan struct{})}
	h.open[c] = true
	if h.idle > 0 {
		time.AfterFunc(h.idle, c.end)
	}
	return c, nil
}

// die makes the host fail probes, and closes its connections.
func (h *host) die() {
	h.mu.Lock()
	h.dead = true
	open := maps.Clone(h.open)
	h.mu.Unlock()
	for c := range open {
		c.end()
	}
}

// connections returns the number of open connections.
func (h *host) connections() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.open)
}

// A hostConn is a connection of a host.
type hostConn struct {
	host   *host
	once   sync.Once
	broken chan struct{}
}

func (c *hostConn) Wait() error  { <-c.broken; return net.ErrClosed }
func (c *hostConn) Close() error { c.end(); return nil }

func (c *hostConn) end() {
	c.once.Do(func() {
		c.host.mu.Lock()
		delete(c.host.open, c)
		c.host.mu.Unlock()
		close(c.broken)
	})
}

func watching(h *host) Key {
	key := keyOf(h, addr1)
	key.Spec.Watch = true
	key.Spec.Interval = 10 * time.Second
	key.Spec.FastInterval = 20 * time.Millisecond
	key.Spec.Fall = Threshold{Count: 2}
	return key
}

// A target that dies is down after Fall probes at the fast interval.
func TestWatchSeesADeath(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, l, r := newHost(), newLog(), NewRegistry(Hooks{})
		lease := r.Acquire(watching(h), Unknown, func(tr Transition) { l.add("%s", tr.To) })
		time.Sleep(3 * time.Second)
		h.die()
		time.Sleep(time.Minute)
		r.Release(lease)
		l.want(t, "0s up", "3.02s down")
	})
}

// A death between a probe and the setting of the timer is seen too.
func TestWatchSeesAnEarlyDeath(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, l := newHost(), newLog()
		r := NewRegistry(Hooks{Probed: func(_ Key, res Result, _ time.Duration, _ error) {
			if res == Pass {
				h.die()
				time.Sleep(time.Millisecond)
			}
		}})
		lease := r.Acquire(watching(h), Unknown, func(tr Transition) { l.add("%s", tr.To) })
		time.Sleep(time.Minute)
		r.Release(lease)
		l.want(t, "0s up", "21ms down")
	})
}

// One connection is kept open, until that of the next probe replaces it.
func TestWatchKeepsOneConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, r := newHost(), NewRegistry(Hooks{})
		lease := r.Acquire(watching(h), Unknown, ignore)
		time.Sleep(35 * time.Second)
		open := h.connections()
		r.Release(lease)
		if got := fmt.Sprint(h.probes); open != 1 || got != "[0s 10s 20s 30s]" {
			t.Errorf("%d connections are open, probes at %s", open, got)
		}
		if n := h.connections(); n != 0 {
			t.Errorf("%d connections are left", n)
		}
	})
}

// A target that closes idle connections stays up, and is soon probed no more often than
// without a watch.
func TestWatchOfIdleClosers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, l, r := newHost(), newLog(), NewRegistry(Hooks{})
		h.idle = time.Second
		lease := r.Acquire(watching(h), Unknown, func(tr Transition) { l.add("%s", tr.To) })
		time.Sleep(10 * time.Minute)
		r.Release(lease)
		l.want(t, "0s up")
		if n := len(h.probes); n > 75 {
			t.Errorf("%d probes in 10 minutes at an interval of 10s", n)
		}
		for i := 20; i+1 < len(h.probes); i++ {
			if d := h.probes[i+1] - h.probes[i]; d != 10*time.Second {
				t.Errorf("%v between two probes, want 10s", d)
			}
		}
	})
}

// Breaks do not make a target that is down rise faster.
func TestWatchKeepsThePaceOfTheRise(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, l, r := newHost(), newLog(), NewRegistry(Hooks{})
		h.dead = true
		lease := r.Acquire(watching(h), Unknown, func(tr Transition) { l.add("%s", tr.To) })
		time.Sleep(time.Second)
		h.mu.Lock()
		h.dead, h.idle = false, time.Millisecond
		h.mu.Unlock()
		time.Sleep(time.Minute)
		r.Release(lease)
		l.want(t, "20ms down", "50.02s up")
	})
}

// After a connection stayed open for an interval, a break starts a probe at once again.
func TestWatchResetsBackoff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, l, r := newHost(), newLog(), NewRegistry(Hooks{})
		h.idle = time.Second
		lease := r.Acquire(watching(h), Unknown, func(tr Transition) { l.add("%s", tr.To) })
		time.Sleep(time.Minute)
		h.mu.Lock()
		h.idle = 0
		h.mu.Unlock()
		time.Sleep(time.Minute)
		h.die()
		time.Sleep(time.Second)
		r.Release(lease)
		l.want(t, "0s up", "2m0.02s down")
	})
}

// A release leaves no connection, also while one is opened or breaks.
func TestWatchChurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, r := newHost(), NewRegistry(Hooks{})
		h.idle = 3 * time.Millisecond
		for i := range 500 {
			lease := r.Acquire(watching(h), Unknown, ignore)
			time.Sleep(time.Duration(i) * 100 * time.Microsecond)
			r.Release(lease)
			if n := h.connections(); n != 0 {
				t.Fatalf("round %d leaves %d connections", i, n)
			}
		}
	})
}

// When thousands of connections break at the same time, the probes begin one after the
// other, the first at once and the last within a second.
func TestWatchSpreadsDeaths(t *testing.T) {
	for _, tc := range []struct {
		dead   int
		atMost int // probes within any millisecond
		within time.Duration
	}{{10, 16, 22 * time.Millisecond}, {5000, 32, 700 * time.Millisecond}, {10000, 96, 700 * time.Millisecond}} {
		synctest.Test(t, func(t *testing.T) {
			h, r := newHost(), NewRegistry(Hooks{})
			r.files = newOpenFiles(1 << 20) // independent of the limit of this process
			leases := make([]*Lease, tc.dead)
			for i := range leases {
				key := watching(h)
				key.Addr = netip.AddrFrom4([4]byte{10, 0, byte(i >> 8), byte(i)})
				leases[i] = r.Acquire(key, Unknown, ignore)
			}
			time.Sleep(5 * time.Second)
			h.mu.Lock()
			h.probes, h.start = nil, time.Now()
			h.mu.Unlock()
			h.die()
			time.Sleep(time.Second)
			perMS, last := make(map[time.Duration]int), time.Duration(0)
			h.mu.Lock()
			probes := h.probes
			h.mu.Unlock()
			for _, at := range probes {
				perMS[at/time.Millisecond]++
				last = max(last, at)
			}
			for ms, n := range perMS {
				if n > tc.atMost {
					t.Errorf("%d of %d probes in millisecond %d", n, tc.dead, ms)
				}
			}
			if last > tc.within || len(probes) != 2*tc.dead {
				t.Errorf("%d die: %d probes, the last after %v", tc.dead, len(probes), last)
			}
			for _, l := range leases {
				if l.State() != Down {
					t.Fatal("one is not down")
				}
			}
			r.Release(leases...)
		})
	}
}

// After the timer was late, at most maxStepsAtOnce steps are made at a time.
func TestLateWatchQueue(t *testing.T) {
	now := time.Now()
	q := watchQueue{waiting: make([]*checker, 100), perStep: 1, lastStep: now.Add(-time.Minute)}
	if n := len(q.takeDue(now)); n != maxStepsAtOnce {
		t.Errorf("%d checkers after a minute", n)
	}
	if n := len(q.takeDue(now.Add(breakStep))); n != 1 {
		t.Errorf("%d checkers after a step", n)
	}
}

// A broken connection is closed before the probe that follows the break.
func TestWatchClosesTheBrokenConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, r := newHost(), NewRegistry(Hooks{})
		lease := r.Acquire(watching(h), Unknown, ignore)
		time.Sleep(time.Second)
		c := lease.checker
		c.mu.Lock()
		conn := &lateClose{}
		c.watch.broken = conn
		c.mu.Unlock()
		c.probeBroken()
		synctest.Wait()
		if conn.closed != 1 || len(h.probes) != 2 {
			t.Errorf("closed %d times, %d probes", conn.closed, len(h.probes))
		}
		c.probeBroken() // does nothing
		synctest.Wait()
		if len(h.probes) != 2 {
			t.Error("a probe without a broken connection")
		}
		r.Release(lease)
	})
}

// A connection that breaks while another waits for the probe is closed at once. The probe
// closes the other.
func TestWatchBreaksTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, r := newHost(), NewRegistry(Hooks{})
		lease := r.Acquire(watching(h), Unknown, ignore)
		time.Sleep(time.Second)
		c, first := lease.checker, &lateClose{}
		c.mu.Lock()
		c.watch.broken = first
		conn := c.watch.conn.(*keptConn).Watched.(*hostConn)
		c.mu.Unlock()
		conn.end()
		synctest.Wait()
		c.probeBroken()
		synctest.Wait()
		r.Release(lease)
		if first.closed != 1 {
			t.Errorf("the first is closed %d times", first.closed)
		}
	})
}

// A lateClose is a connection that counts how often it is closed.
type lateClose struct{ closed int }

func (*lateClose) Wait() error    { return nil }
func (c *lateClose) Close() error { c.closed++; return nil }
