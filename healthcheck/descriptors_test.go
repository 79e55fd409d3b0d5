package healthcheck

import (
	"context"
	"fmt"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestProbesShare(t *testing.T) {
	tests := []struct{ limit, want int64 }{
		{1 << 20, 838861}, {1024, 820}, {120, 96}, {60, 36}, {40, 20}, {10, 5}, {1, 1}, {0, 1},
	}
	for _, tc := range tests {
		if got := probesShare(tc.limit); got != tc.want {
			t.Errorf("of %d: %d, want %d", tc.limit, got, tc.want)
		}
	}
}

// A mute is a check whose targets are silent. It counts the probes in flight.
type mute struct {
	now, most, probes atomic.Int64
}

func (*mute) Type() string     { return "mute" }
func (*mute) String() string   { return "mute" }
func (m *mute) Prober() Prober { return ProberFunc(m.probe) }

func (m *mute) probe(ctx context.Context, _ netip.Addr) error {
	m.most.Store(max(m.most.Load(), m.now.Add(1)))
	m.probes.Add(1)
	<-ctx.Done()
	m.now.Add(-1)
	return context.Cause(ctx)
}

// If there are more silent targets than descriptors, probes wait for each other, each has
// its whole timeout, and all targets go down.
func TestProbesWaitForDescriptors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const targets, most = 20, 3
		var delayed atomic.Int64
		r := NewRegistry(Hooks{Delayed: func(n int64) {
			if delayed.Add(1); n != most {
				t.Errorf("%d descriptors, want %d", n, most)
			}
		}})
		r.files = newOpenFiles(most)
		c := new(mute)
		var mu sync.Mutex
		said := make(map[string]int)
		var leases []*Lease
		for i := range targets {
			addr := netip.AddrFrom4([4]byte{192, 0, 2, byte(i)})
			leases = append(leases, r.Acquire(keyOf(c, addr), Unknown, func(tr Transition) {
				mu.Lock()
				defer mu.Unlock()
				said[fmt.Sprintf("%s: %s", tr.To, tr.Reason)]++
			}))
		}
		time.Sleep(3 * targets * time.Second)
		synctest.Wait()
		if n := c.most.Load(); n != most {
			t.Errorf("%d probes at a time, want %d", n, most)
		}
		if delayed.Load() == 0 {
			t.Error("no probe waits")
		}
		down := 0
		for _, l := range leases {
			if l.State() == Down {
				down++
			}
		}
		if down != targets {
			t.Errorf("%d of %d are down: %v", down, targets, said)
		}
		begin, probes := time.Now(), c.probes.Load()
		r.Release(leases...)
		if time.Since(begin) > 0 || c.probes.Load() != probes {
			t.Errorf("released after %s, %d probes meanwhile", time.Since(begin), c.probes.Load()-probes)
		}
		if !r.files.TryAcquire(most) {
			t.Error("descriptors are lost")
		}
	})
}

// Watched connections have at most three quarters of the descriptors, and take none while
// a probe waits.
func TestWatchedConnectionsLeaveDescriptors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := NewRegistry(Hooks{})
		r.files = newOpenFiles(12)
		h := newHost()
		var leases []*Lease
		for i := range 20 {
			key := watching(h)
			key.Addr = netip.AddrFrom4([4]byte{192, 0, 2, byte(i)})
			leases = append(leases, r.Acquire(key, Unknown, ignore))
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if n, kept := h.connections(), r.files.kept.Load(); n != 9 || kept != 9 {
			t.Errorf("%d connections are open, %d counted, want 9", n, kept)
		}
		h.die()
		time.Sleep(time.Minute)
		for _, l := range leases {
			if l.State() != Down {
				t.Fatal("not all are down")
			}
		}
		r.Release(leases...)
		if n := h.connections(); n != 0 || !r.files.TryAcquire(12) {
			t.Errorf("%d connections are open, and descriptors are lost", n)
		}
	})
}
