package healthcheck

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// A fake is a Check that asks a function.
type fake struct {
	name  string
	probe func(ctx context.Context, addr netip.Addr) error
}

func (f *fake) Type() string   { return "fake" }
func (f *fake) String() string { return f.name }
func (f *fake) Prober() Prober { return ProberFunc(f.probe) }

var (
	addr1 = netip.MustParseAddr("192.0.2.1")
	addr2 = netip.MustParseAddr("192.0.2.2")
	errNo = errors.New("no")
)

// keyOf returns a Key with the default settings and no jitter.
func keyOf(c Check, addr netip.Addr) Key {
	return Key{Addr: addr, Spec: Spec{
		Check:        c,
		Interval:     DefaultInterval,
		Timeout:      DefaultTimeout,
		FastInterval: DefaultFastInterval,
		Fall:         DefaultFall,
		Rise:         DefaultRise,
	}}
}

// A log collects what happens and when, counted from its beginning.
type log struct {
	start time.Time
	lines []string
}

func newLog() *log { return &log{start: time.Now()} }

func (l *log) add(format string, args ...any) {
	l.lines = append(l.lines, fmt.Sprintf("%v ", time.Since(l.start))+fmt.Sprintf(format, args...))
}

func (l *log) want(t *testing.T, lines ...string) {
	t.Helper()
	if !slices.Equal(l.lines, lines) {
		t.Errorf("got:\n%s\nwant:\n%s", strings.Join(l.lines, "\n"), strings.Join(lines, "\n"))
	}
}

func ignore(Transition) {}

// The whole life of an endpoint with the default settings: probed at once, down
// after five failures in quick succession that span three seconds, up after five
// passes.
func TestChecker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLog()
		c := &fake{"ask", func(context.Context, netip.Addr) error {
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

func TestProbesRunFromStartToStart(t *testing.T) {
	tests := []struct {
		name        string
		takes       time.Duration
		first, rest []error
		want        []time.Duration
	}{
		{"at once, then every interval", 0, nil, nil, seconds(0, 2, 4, 6)},
		{"however long they take", 900 * time.Millisecond, nil, nil, seconds(0, 2, 4, 6)},
		{"a first failure is re-checked fast", 0, []error{errNo}, nil, seconds(0, .5, 2.5, 4.5)},
		{"a second one decides", 0, []error{errNo, errNo}, []error{errNo}, seconds(0, .5, 2.5, 4.5)},
		{"a slow one delays the next", 900 * time.Millisecond, []error{nil, errNo, errNo}, nil, seconds(0, 2, 2.9, 3.8, 5.8)},
		{"unknown results keep the pace", 0, []error{MarkInconclusive(errNo), MarkInconclusive(errNo)}, nil, seconds(0, 2, 4)},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				begin := time.Now()
				var starts []time.Duration
				c := &fake{"ask", func(context.Context, netip.Addr) error {
					starts = append(starts, time.Since(begin))
					time.Sleep(tc.takes)
					if n := len(starts); n <= len(tc.first) {
						return tc.first[n-1]
					}
					return slices.Concat(tc.rest, []error{nil})[0]
				}}
				r := NewRegistry(Hooks{})
				lease := r.Acquire(keyOf(c, addr1), Unknown, ignore)
				time.Sleep(tc.want[len(tc.want)-1] + time.Millisecond)
				r.Release(lease)
				if !slices.Equal(starts, tc.want) {
					t.Errorf("probes at %v, want %v", starts, tc.want)
				}
			})
		})
	}
}

func seconds(ss ...float64) []time.Duration {
	var ds []time.Duration
	for _, s := range ss {
		ds = append(ds, time.Duration(s*float64(time.Second)))
	}
	return ds
}

func TestJitterVariesEveryWait(t *testing.T) {
	var shortest, longest time.Duration = time.Hour, 0
	for range 10000 {
		d := vary(10*time.Second, 20, rand.Int64N)
		shortest, longest = min(shortest, d), max(longest, d)
	}
	if shortest < 8*time.Second || shortest > 8100*time.Millisecond {
		t.Errorf("shortest of 10s with 20%%: %v", shortest)
	}
	if longest > 12*time.Second || longest < 11900*time.Millisecond {
		t.Errorf("longest of 10s with 20%%: %v", longest)
	}
	if d := vary(time.Second, 0, rand.Int64N); d != time.Second {
		t.Errorf("without jitter: %v", d)
	}
}

func TestTheSameCheckRunsOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		probes := 0
		c := &fake{"ask", func(context.Context, netip.Addr) error { probes++; return nil }}
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
			t.Errorf("released twice, a lease takes another with it")
		}
		r.Release(third)
		if r.Len() != 0 {
			t.Errorf("%d checkers run on", r.Len())
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
		c := &fake{"ask", func(context.Context, netip.Addr) error { return nil }}
		r := NewRegistry(Hooks{})
		key := keyOf(c, addr1)
		other := key
		other.Spec.Rise.Count++
		leases := []*Lease{
			r.Acquire(key, Unknown, ignore),
			r.Acquire(other, Unknown, ignore),
			r.Acquire(keyOf(c, addr2), Unknown, ignore),
			r.Acquire(keyOf(&fake{"ask", c.probe}, addr1), Unknown, ignore),
		}
		if r.Len() != len(leases) {
			t.Errorf("%d checkers, want %d", r.Len(), len(leases))
		}
		r.Release(leases...)
	})
}

// A target that hangs holds up nobody else, and is asked once at a time.
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

// Release cuts a probe short and waits for it; what it returns then is no result.
func TestReleaseWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ended := false
		c := &fake{"ask", func(ctx context.Context, _ netip.Addr) error {
			<-ctx.Done()
			time.Sleep(10 * time.Millisecond)
			ended = true
			return ctx.Err()
		}}
		told := 0
		r := NewRegistry(Hooks{Probed: func(Key, Result, time.Duration, error) { told++ }})
		lease := r.Acquire(keyOf(c, addr1), Unknown, func(Transition) { told++ })
		synctest.Wait()
		start := time.Now()
		r.Release(lease)
		if took := time.Since(start); !ended || took != 10*time.Millisecond {
			t.Errorf("released after %v, probe ended: %v", took, ended)
		}
		if told != 0 {
			t.Errorf("told %d times of a probe that was cut short", told)
		}
	})
}

func TestReleaseBeforeTheFirstProbe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		probes := 0
		c := &fake{"ask", func(context.Context, netip.Addr) error { probes++; return nil }}
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

func TestInheritedState(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &fake{"ask", func(context.Context, netip.Addr) error { time.Sleep(time.Second); return nil }}
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

func TestPanickingProbeHasFailed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &fake{"ask", func(context.Context, netip.Addr) error { panic("oops") }}
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

func TestFirstProbesAreSpread(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		var mu sync.Mutex // guards the following
		perTenth := make(map[time.Duration]int)
		var first, last time.Duration = time.Hour, 0
		c := &fake{"ask", func(context.Context, netip.Addr) error {
			mu.Lock()
			defer mu.Unlock()
			at := time.Since(begin)
			perTenth[at/(100*time.Millisecond)]++
			first, last = min(first, at), max(last, at)
			return nil
		}}
		r := NewRegistry(Hooks{})
		var leases []*Lease
		for i := range 5000 {
			addr := netip.AddrFrom4([4]byte{192, 0, byte(i >> 8), byte(i)})
			leases = append(leases, r.Acquire(keyOf(c, addr), Unknown, ignore))
		}
		time.Sleep(1500 * time.Millisecond)
		r.Release(leases...)
		if first != 0 || last > startSpread {
			t.Errorf("first probes from %v to %v", first, last)
		}
		for tenth, n := range perTenth {
			if tenth < 10 && (n < 400 || n > 600) {
				t.Errorf("%d of 5000 in the tenth %d", n, tenth)
			}
		}
	})
}

func TestReady(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		result := make(chan error)
		c := &fake{"ask", func(ctx context.Context, _ netip.Addr) error {
			select {
			case err := <-result:
				return err
			case <-ctx.Done():
				time.Sleep(time.Hour) // a probe that does not heed its context
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

// Nothing is left of checkers that come and go while their probes run.
func TestChurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		inFlight := 0
		c := &fake{"ask", func(ctx context.Context, _ netip.Addr) error {
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
			if inFlight != 0 || r.Len() != 0 || len(r.probers) != 0 {
				t.Fatalf("round %d leaves %d probes, %d checkers, %d probers", i, inFlight, r.Len(), len(r.probers))
			}
		}
	})
}

func TestInvert(t *testing.T) {
	tests := []struct {
		err  error
		want Result
	}{
		{nil, Fail},
		{errNo, Pass},
		{MarkInconclusive(errNo), Inconclusive},
	}
	for _, tc := range tests {
		if got := resultOf(invert(tc.err)); got != tc.want {
			t.Errorf("%v becomes a %s, want a %s", tc.err, got, tc.want)
		}
	}
	synctest.Test(t, func(t *testing.T) {
		for probe, want := range map[string]State{"passes": Down, "fails": Up, "panics": Down} {
			key := keyOf(&fake{probe, func(context.Context, netip.Addr) error {
				switch probe {
				case "fails":
					return errNo
				case "panics":
					panic("oops")
				}
				return nil
			}}, addr1)
			key.Spec.Invert = true
			r := NewRegistry(Hooks{})
			lease := r.Acquire(key, Unknown, ignore)
			time.Sleep(5 * time.Second)
			if lease.State() != want {
				t.Errorf("an inverted check that %s is %s, want %s", probe, lease.State(), want)
			}
			r.Release(lease)
		}
	})
}

// Why checkers cannot ask is told once, not per probe and checker, and again
// only after none of them had that trouble.
func TestCauseIsToldOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLog()
		var mu sync.Mutex
		r := NewRegistry(Hooks{Inconclusive: func(_ Key, cause string) {
			mu.Lock()
			defer mu.Unlock()
			l.add("%s", cause)
		}})
		c := &fake{"ask", func(context.Context, netip.Addr) error {
			switch at := time.Since(l.start); {
			case at < 10*time.Second, at > 20*time.Second && at < 30*time.Second, at > 80*time.Second && at < 90*time.Second:
				return MarkInconclusive(errors.New("no route"))
			case at > 40*time.Second && at < 50*time.Second:
				return MarkInconclusive(errors.New("no descriptor"))
			default:
				return nil
			}
		}}
		a, b := r.Acquire(keyOf(c, addr1), Unknown, ignore), r.Acquire(keyOf(c, addr2), Unknown, ignore)
		time.Sleep(100 * time.Second)
		r.Release(a, b)
		l.want(t, "0s no route", "40.001s no descriptor", "1m20.001s no route")
		if len(r.causes) != 0 {
			t.Errorf("causes are kept of checkers that are gone: %v", r.causes)
		}
	})
}

func TestNeedSuspendsDamping(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := NewRegistry(Hooks{})
		c := &fake{"ask", func(context.Context, netip.Addr) error { return nil }}
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
