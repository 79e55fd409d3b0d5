package healthcheck

import (
	"context"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// changeable returns a target whose result depends on nothing but the time: every few
// seconds it passes, refuses, hangs, is slow or inconclusive.
func changeable(seed uint64) func(at time.Duration) (Result, time.Duration) {
	return func(at time.Duration) (Result, time.Duration) {
		spell := rand.New(rand.NewPCG(seed, uint64(at/(17*time.Second)))).IntN(6)
		this := rand.New(rand.NewPCG(seed, uint64(at))).IntN(3)
		switch {
		case spell == 0 || spell == 1 && this > 0:
			return Fail, 0
		case spell == 2 || spell == 3 && this > 0:
			return Pass, time.Hour // too late
		case spell == 4 && this == 0:
			return Inconclusive, time.Millisecond
		default:
			return Pass, time.Duration(this) * 400 * time.Millisecond
		}
	}
}

// A simulated checker probes when a real one does, and has the same transitions.
func TestSimulate(t *testing.T) {
	const until = time.Hour
	changes := 0
	for seed := range uint64(20) {
		spec := keyOf(nil, addr1).Spec
		spec.Damping = time.Duration(seed%2) * DefaultDamping
		spec.FastInterval = time.Duration(1+seed%3) * 300 * time.Millisecond

		simulated := newLog()
		simulateInto(simulated, spec, changeable(seed), until)
		synctest.Test(t, func(t *testing.T) {
			actual := newLog()
			checkInto(actual, spec, changeable(seed), until)
			if !slices.Equal(simulated.lines, actual.lines) {
				i := 0
				for i < min(len(simulated.lines), len(actual.lines)) && simulated.lines[i] == actual.lines[i] {
					i++
				}
				t.Errorf("seed %d: from line %d on simulated:\n%q\nreal:\n%q", seed, i,
					simulated.lines[i:min(i+3, len(simulated.lines))], actual.lines[i:min(i+3, len(actual.lines))])
			}
		})
		changes += len(slices.DeleteFunc(simulated.lines, func(l string) bool { return l[len(l)-5:] == "probe" }))
	}
	if changes < 200 {
		t.Errorf("only %d transitions: the targets prove little", changes)
	}
}

func simulateInto(l *log, spec Spec, target func(time.Duration) (Result, time.Duration), until time.Duration) {
	line := func(at time.Duration, what string) { l.lines = append(l.lines, at.String()+" "+what) }
	Simulate(&spec, rand.New(rand.NewPCG(1, 1)), until, func(at time.Duration) (Result, time.Duration) {
		line(at, "probe")
		return target(at)
	}, func(at time.Duration, to State) { line(at, to.String()) })
}

func checkInto(l *log, spec Spec, target func(time.Duration) (Result, time.Duration), until time.Duration) {
	spec.Check = &fake{"fake", func(ctx context.Context, _ netip.Addr) error {
		l.add("probe")
		result, took := target(time.Since(l.start))
		select {
		case <-time.After(took):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		switch result {
		case Pass:
			return nil
		case Inconclusive:
			return MarkInconclusive(errNo)
		default:
			return errNo
		}
	}}
	r := NewRegistry(Hooks{})
	lease := r.Acquire(Key{Spec: spec, Addr: addr1}, Unknown, func(tr Transition) { l.add("%s", tr.To) })
	time.Sleep(until - time.Nanosecond) // a simulation ends before until
	r.Release(lease)
}

// Jitter leaves the mean interval as it is.
func TestSimulateJitter(t *testing.T) {
	spec := keyOf(nil, addr1).Spec
	spec.Jitter = DefaultJitter
	const day = 24 * time.Hour
	probes := 0
	Simulate(&spec, rand.New(rand.NewPCG(1, 1)), 10*day, func(time.Duration) (Result, time.Duration) {
		probes++
		return Pass, time.Millisecond
	}, func(time.Duration, State) {})
	if want := int(10 * day / spec.Interval); probes < want-want/1000 || probes > want+want/1000 {
		t.Errorf("%d probes in ten days, want %d and at most a thousandth more or less", probes, want)
	}
}
