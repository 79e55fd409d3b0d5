package healthcheck

import (
	"context"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"
)

func TestTheSameCheckRunsOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		probes := 0
		c := &fake{"fake", func(context.Context, netip.Addr) error { probes++; return nil }}
		l, r := newLog(), NewRegistry(Hooks{})
		first := r.Acquire(keyOf(c, addr1), Unknown, func(Transition) { l.add("first") })
		second := r.Acquire(keyOf(c, addr1), Down, func(Transition) { l.add("second") })
		if r.Len() != 1 {
			t.Errorf("%d checkers run", r.Len())
		}
		time.Sleep(time.Second)
		r.Release(first)
		time.Sleep(2 * time.Second)
		third := r.Acquire(keyOf(c, addr1), Down, ignore)
		if third.State() != Up {
			t.Errorf("a running checker shows %s to a new lease", third.State())
		}
		r.Release(second)
		r.Release(second)
		if r.Len() != 1 {
			t.Error("a second release of a lease releases another")
		}
		r.Release(third)
		if r.Len() != 0 {
			t.Errorf("%d checkers still run", r.Len())
		}
		time.Sleep(time.Hour)
		if probes != 2 {
			t.Errorf("%d probes, want 2", probes)
		}
		l.want(t, "0s first", "0s second")
	})
}

func TestAnotherSettingIsAnotherChecker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &fake{"fake", func(context.Context, netip.Addr) error { return nil }}
		r := NewRegistry(Hooks{})
		key := keyOf(c, addr1)
		other := key
		other.Spec.Rise.Count++
		leases := []*Lease{
			r.Acquire(key, Unknown, ignore),
			r.Acquire(other, Unknown, ignore),
			r.Acquire(keyOf(c, addr2), Unknown, ignore),
			r.Acquire(keyOf(&fake{"fake", c.probe}, addr1), Unknown, ignore),
		}
		if r.Len() != len(leases) {
			t.Errorf("%d checkers, want %d", r.Len(), len(leases))
		}
		r.Release(leases...)
	})
}

// Release cancels a probe and waits for it. Its result is dropped.
func TestReleaseWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ended := false
		c := &fake{"fake", func(ctx context.Context, _ netip.Addr) error {
			<-ctx.Done()
			time.Sleep(10 * time.Millisecond)
			ended = true
			return ctx.Err()
		}}
		called := 0
		r := NewRegistry(Hooks{Probed: func(Key, Result, time.Duration, error) { called++ }})
		lease := r.Acquire(keyOf(c, addr1), Unknown, func(Transition) { called++ })
		synctest.Wait()
		start := time.Now()
		r.Release(lease)
		if took := time.Since(start); !ended || took != 10*time.Millisecond {
			t.Errorf("released after %v, probe ended: %v", took, ended)
		}
		if called != 0 {
			t.Errorf("%d callbacks for a probe that was cancelled", called)
		}
	})
}

func TestReleaseBeforeTheFirstProbe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		probes := 0
		c := &fake{"fake", func(context.Context, netip.Addr) error { probes++; return nil }}
		r := NewRegistry(Hooks{})
		a := r.Acquire(keyOf(c, addr1), Unknown, ignore)
		b := r.Acquire(keyOf(c, addr2), Unknown, ignore) // a moment later
		r.Release(b)
		time.Sleep(time.Second)
		r.Release(a)
		if probes != 1 {
			t.Errorf("%d probes, want that of the first only", probes)
		}
	})
}

func TestReady(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		result := make(chan error)
		c := &fake{"fake", func(ctx context.Context, _ netip.Addr) error {
			select {
			case err := <-result:
				return err
			case <-ctx.Done():
				time.Sleep(time.Hour) // a probe that ignores its context
				return nil
			}
		}}
		r := NewRegistry(Hooks{})
		if !r.Ready() {
			t.Error("not ready with nothing to wait for")
		}
		a := r.Acquire(keyOf(c, addr1), Unknown, ignore)
		b := r.Acquire(keyOf(c, addr2), Unknown, ignore)
		time.Sleep(100 * time.Millisecond)
		result <- errNo
		synctest.Wait()
		if r.Ready() {
			t.Error("ready while one of two has no result")
		}
		result <- MarkInconclusive(errNo)
		synctest.Wait()
		if !r.Ready() {
			t.Error("not ready after first results, whatever they were")
		}
		hung := r.Acquire(keyOf(&fake{"other", c.probe}, addr1), Unknown, ignore)
		if r.Ready() {
			t.Error("ready though a new check has no result")
		}
		time.Sleep(DefaultTimeout + 10*time.Millisecond)
		if !r.Ready() {
			t.Error("not ready after the first timeout")
		}
		r.Release(a, b, hung)
	})
}

// Nothing is left of checkers that are released while they probe.
func TestChurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		inFlight := 0
		c := &fake{"fake", func(ctx context.Context, _ netip.Addr) error {
			inFlight++
			defer func() { inFlight-- }()
			<-ctx.Done()
			return context.Cause(ctx)
		}}
		r := NewRegistry(Hooks{})
		for i := range 1000 {
			lease := r.Acquire(keyOf(c, addr1), Unknown, ignore)
			time.Sleep(time.Duration(i) * 7 * time.Millisecond % (3 * time.Second))
			r.Release(lease)
			if inFlight != 0 || r.Len() != 0 || len(r.specs)+len(r.probers) != 0 {
				t.Fatalf("round %d leaves %d probes, %d checkers, %d specs, %d probers", i, inFlight, r.Len(), len(r.specs), len(r.probers))
			}
		}
	})
}

func TestNeedSuspendsDamping(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := NewRegistry(Hooks{})
		c := &fake{"fake", func(context.Context, netip.Addr) error { return nil }}
		a, b := r.Acquire(keyOf(c, addr1), Unknown, ignore), r.Acquire(keyOf(c, addr1), Unknown, ignore)
		needed := func() bool { return a.checker.needed.Load() > 0 }
		a.Need(true)
		a.Need(true)
		b.Need(true)
		a.Need(false)
		if !needed() {
			t.Error("damped though one record needs the endpoint")
		}
		r.Release(b)
		if needed() {
			t.Error("a lease that was released needs the endpoint")
		}
		r.Release(a)
	})
}
