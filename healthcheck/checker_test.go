package healthcheck

import (
	"context"
	"errors"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// With the default settings an endpoint is probed at once, goes down after at least five
// failures that span three seconds, and comes up after five passes.
func TestChecker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLog()
		c := &fake{"fake", func(context.Context, netip.Addr) error {
			if at := time.Since(l.start); at > 5*time.Second && at < 10*time.Second {
				return errNo
			}
			return nil
		}}
		r := NewRegistry(Hooks{})
		lease := r.Acquire(keyOf(c, addr1), Unknown, func(tr Transition) { l.add("%s %s: %s", tr.From, tr.To, tr.Reason) })
		time.Sleep(20 * time.Second)
		r.Release(lease)
		time.Sleep(time.Hour)
		l.want(t,
			"0s unknown up: 1 pass",
			"9s up down: 7 failures in 3s: no", // from 6s on every 500ms
			"19s down up: 5 passes in 8s",      // 11s, 13s, ...
		)
	})
}

// A target that hangs delays no other checker, and is probed once at a time.
func TestHangingProbe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var inFlight, most, others int
		hangs := &fake{"hangs", func(ctx context.Context, _ netip.Addr) error {
			inFlight++
			most = max(most, inFlight)
			<-ctx.Done()
			inFlight--
			return context.Cause(ctx)
		}}
		answers := &fake{"answers", func(context.Context, netip.Addr) error { others++; return nil }}
		l, r := newLog(), NewRegistry(Hooks{})
		a := r.Acquire(keyOf(hangs, addr1), Unknown, func(tr Transition) { l.add("%s: %s", tr.To, tr.Reason) })
		b := r.Acquire(keyOf(answers, addr1), Unknown, ignore)
		time.Sleep(10500 * time.Millisecond)
		r.Release(a, b)
		if most != 1 || others != 6 {
			t.Errorf("%d probes of one checker at a time, %d of the other in 10s", most, others)
		}
		l.want(t, "2s down: 2 failures in 2s: no answer within 1s")
	})
}

func TestPanickingProbeHasFailed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &fake{"fake", func(context.Context, netip.Addr) error { panic("oops") }}
		var stack string
		l := newLog()
		r := NewRegistry(Hooks{
			Probed: func(_ Key, res Result, _ time.Duration, err error) {
				if p := (*PanicError)(nil); errors.As(err, &p) && res == Fail {
					stack = string(p.Stack)
				}
			},
			Changed: func(tr Transition) { l.add("%s: %s", tr.To, tr.Reason) },
		})
		lease := r.Acquire(keyOf(c, addr1), Unknown, ignore)
		time.Sleep(time.Minute)
		r.Release(lease)
		l.want(t, "500ms down: 2 failures in 500ms: the probe panicked: oops")
		if !strings.Contains(stack, "TestPanickingProbeHasFailed") {
			t.Errorf("the stack does not show who panicked:\n%s", stack)
		}
	})
}

func TestInheritedState(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &fake{"fake", func(context.Context, netip.Addr) error { time.Sleep(time.Second); return nil }}
		l, r := newLog(), NewRegistry(Hooks{})
		lease := r.Acquire(keyOf(c, addr1), Down, func(tr Transition) { l.add("%s %s", tr.From, tr.To) })
		if lease.State() != Down {
			t.Errorf("starts from %s", lease.State())
		}
		time.Sleep(time.Minute)
		r.Release(lease)
		l.want(t, "1s down up")
	})
}
