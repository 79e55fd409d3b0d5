package healthcheck

import (
	"context"
	"net/netip"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// A checker is damped as an earlier one was, within bounds, unless it has come up itself.
func TestSetDamping(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var sick atomic.Bool
		c := &fake{"fake", func(context.Context, netip.Addr) error {
			if sick.Load() {
				return errNo
			}
			return nil
		}}
		r := NewRegistry(Hooks{})
		key := keyOf(c, addr1)
		key.Spec.Damping = DefaultDamping
		l := r.Acquire(key, Unknown, ignore)
		defer r.Release(l)
		l.SetDamping(Damping{CameUp: time.Now(), Factor: 1000})
		if d := l.Damping(); d.Factor != maxFactor {
			t.Errorf("the factor is %d, want %d at most", d.Factor, maxFactor)
		}
		time.Sleep(10 * time.Second)
		sick.Store(true)
		time.Sleep(10 * time.Second)
		if s := l.Status(); s.State != Down || s.Needed != maxFactor*DefaultRise.Count {
			t.Errorf("it is %s and needs %d passes", s.State, s.Needed)
		}
		sick.Store(false)
		time.Sleep(time.Hour)
		was := l.Damping()
		if l.SetDamping(Damping{}); l.Damping() != was || was.CameUp.IsZero() {
			t.Errorf("got %v, want %v", l.Damping(), was)
		}
	})
}

// A Status says what speaks against the state, and how much of it changes the state.
func TestStatus(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var result atomic.Pointer[error]
		result.Store(new(error))
		c := &fake{"fake", func(context.Context, netip.Addr) error {
			time.Sleep(10 * time.Millisecond)
			return *result.Load()
		}}
		r := NewRegistry(Hooks{})
		start := time.Now()
		l := r.Acquire(keyOf(c, addr1), Unknown, ignore)
		defer r.Release(l)
		if l.Key() != keyOf(c, addr1) {
			t.Errorf("the key is %v", l.Key())
		}
		check := func(want Status) {
			t.Helper()
			if got := l.Status(); got != want {
				t.Errorf("got %+v, want %+v", got, want)
			}
		}
		check(Status{State: Unknown, Since: start, Needed: undecidedFall})
		time.Sleep(time.Second)
		first := start.Add(10 * time.Millisecond)
		check(Status{State: Up, Since: first, Needed: 5, Last: LastProbe{start, Pass, "", 10 * time.Millisecond}})
		result.Store(&errNo)
		time.Sleep(1500 * time.Millisecond)
		check(Status{State: Up, Since: first, Streak: 1, Needed: 5, Last: LastProbe{start.Add(2 * time.Second), Fail, "no", 10 * time.Millisecond}})
		time.Sleep(10 * time.Second)
		if got := l.Status(); got.State != Down || got.Streak != 0 || got.Needed != 5 {
			t.Errorf("got %+v", got)
		}
		lost := MarkInconclusive(errNo)
		result.Store(&lost)
		time.Sleep(5 * time.Second)
		if got := l.Status(); got.State != Down || got.Last.Result != Inconclusive || got.Last.Reason != "no" {
			t.Errorf("got %+v", got)
		}
	})
}
