package healthcheck

import (
	"context"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coredns-failover/failover/healthcheck/timer"
)

// News wake the checks that they are of, at once, but no more often than every
// FastInterval.
func TestWake(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLog()
		probe := func(name string) *fake {
			return &fake{name, func(context.Context, netip.Addr) error { l.add("%s", name); return nil }}
		}
		r := NewRegistry(Hooks{})
		var leases []*Lease
		for _, c := range []*fake{probe("a"), probe("b")} {
			key := keyOf(c, addr1)
			key.Spec.Interval = time.Hour
			leases = append(leases, r.Acquire(key, Unknown, ignore))
		}
		time.Sleep(10 * time.Second)
		synctest.Wait()
		l.lines = nil
		wake := func() { r.Wake(func(c Check) bool { return c.String() == "b" }) }
		wake()
		time.Sleep(100 * time.Millisecond)
		wake()
		wake()
		time.Sleep(10 * time.Second)
		r.Release(leases...)
		wake()
		l.want(t, "10s b", "10.5s b")
	})
}

// clocked is a Check that passes from a time on.
type clocked struct{ from time.Time }

func (clocked) Type() string   { return "clocked" }
func (clocked) String() string { return "clocked" }
func (c clocked) Prober() Prober {
	return c.ProberAt(time.Now)
}

func (c clocked) ProberAt(now func() time.Time) Prober {
	return ProberFunc(func(context.Context, netip.Addr) error {
		if now().Before(c.from) {
			return errNo
		}
		return nil
	})
}

// A check whose results depend on the time sees that of the registry.
func TestClocked(t *testing.T) {
	start := time.Unix(1_000_000, 0)
	clock := timer.NewVirtual(start)
	r := newRegistry(clock, Hooks{})
	l := r.Acquire(keyOf(clocked{start.Add(time.Hour)}, addr1), Unknown, ignore)
	defer r.Release(l)
	for _, want := range []State{Down, Up} {
		clock.Run(clock.Now().Add(59 * time.Minute))
		if got := l.State(); got != want {
			t.Errorf("after %s: %s, want %s", clock.Now().Sub(start), got, want)
		}
	}
}
