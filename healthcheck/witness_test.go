package healthcheck

import (
	"context"
	"fmt"
	"net/netip"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

var (
	endpoint1 = netip.MustParseAddr("192.0.2.1")
	endpoint2 = netip.MustParseAddr("192.0.2.2")
	witness1  = netip.MustParseAddr("203.0.113.1")
	witness2  = netip.MustParseAddr("203.0.113.2")
)

// An outage holds from when to when, in seconds, an address does not answer.
type outage map[netip.Addr][2]float64

// A stage has targets with outages, and logs what happens.
type stage struct {
	outage
	mu sync.Mutex // guards the following
	*log
	probes map[netip.Addr]int
}

func newStage(o outage) *stage {
	return &stage{outage: o, log: newLog(), probes: make(map[netip.Addr]int)}
}

func (s *stage) probe(_ context.Context, addr netip.Addr) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.probes[addr]++
	at := time.Since(s.start).Seconds()
	if o, ok := s.outage[addr]; ok && o[0] <= at && at < o[1] {
		return errNo
	}
	return nil
}

func (s *stage) say(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.add(format, args...)
}

// registry returns a Registry that logs Frozen, and transitions of decided endpoints.
func (s *stage) registry() *Registry {
	return NewRegistry(Hooks{
		Frozen: func(on bool) { s.say("frozen %v", on) },
		Changed: func(t Transition) {
			if t.From != Unknown && t.Key.Addr.Less(witness1) {
				s.say("%s %s", t.Key.Addr, t.To)
			}
		},
	})
}

func TestWitness(t *testing.T) {
	tests := []struct {
		name string
		outage
		want []string
	}{
		{"a witness confirms", outage{endpoint1: {5, 100}},
			[]string{"9.002s 192.0.2.1 down"}},
		{"one witness is enough", outage{endpoint1: {5, 100}, witness1: {3, 100}},
			[]string{"9.002s 192.0.2.1 down"}},
		{"this server is cut off, and counts anew afterwards",
			outage{endpoint1: {5, 30}, endpoint2: {5, 50}, witness1: {5, 30}, witness2: {5, 30}},
			[]string{"6s frozen true", "30s frozen false", "33.003s 192.0.2.2 down", "59.003s 192.0.2.2 up"}},
		{"an endpoint fails after this server was cut off",
			outage{endpoint1: {6, 30}, witness1: {4, 30}, witness2: {4, 30}},
			[]string{"4s frozen true", "30s frozen false"}},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newStage(tc.outage)
				r, c := s.registry(), &fake{"fake", s.probe}
				leases := []*Lease{
					r.AcquireWitness(keyOf(c, witness1)), r.AcquireWitness(keyOf(c, witness2)),
					r.Acquire(keyOf(c, endpoint1), Unknown, ignore), r.Acquire(keyOf(c, endpoint2), Unknown, ignore),
				}
				time.Sleep(65 * time.Second)
				r.Release(leases...)
				if got := fmt.Sprint(s.lines); got != fmt.Sprint(tc.want) {
					t.Errorf("got %s, want %s", got, tc.want)
				}
			})
		})
	}
}

// An endpoint stays up until a witness passes a probe that began after the failure. The
// failure starts that probe, and one probe is enough for many endpoints.
func TestFailureWakesWitnesses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := outage{}
		for i := range 100 {
			o[netip.AddrFrom4([4]byte{192, 0, 2, byte(i)})] = [2]float64{5, 100}
		}
		s := newStage(o)
		r, c := s.registry(), &fake{"fake", s.probe}
		slow := keyOf(c, witness1)
		slow.Spec.Interval = time.Hour
		leases := []*Lease{r.AcquireWitness(slow)}
		for addr := range o {
			key := keyOf(c, addr)
			key.Spec.Fall = Threshold{Count: 2}
			leases = append(leases, r.Acquire(key, Unknown, ignore))
		}
		time.Sleep(10 * time.Second)
		for i, l := range leases[1:] {
			if l.State() != Down {
				t.Errorf("endpoint %d is %s", i, l.State())
			}
		}
		r.Release(leases...)
		if n := s.probes[witness1]; n < 2 || n > 4 {
			t.Errorf("%d probes of the witness for 100 failures, want one at the start and a few then", n)
		}
	})
}

// A failure may wake a witness that was added and is not started yet.
func TestWakeBeforeTheStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(nil)
		r := s.registry()
		key := keyOf(&fake{"fake", s.probe}, witness1)
		lease := &Lease{checker: newChecker(r, &sharedSpec{Spec: key.Spec, prober: ProberFunc(s.probe)}, key.Addr, Unknown)}
		r.witnesses.add(lease.checker)
		r.witnesses.wake()
		lease.checker.start(0)
		synctest.Wait()
		lease.checker.stop()
		if n := s.probes[witness1]; n != 1 {
			t.Errorf("%d probes, want 1", n)
		}
	})
}

// A witness whose failure sets cutOff is probed again at FastInterval, however long its
// interval is: the failure may have been one lost packet.
func TestCutOffWakesWitnesses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(outage{witness1: {3500, 3601}, endpoint1: {3500, 3601}})
		r, c := s.registry(), &fake{"fake", s.probe}
		slow := keyOf(c, witness1)
		slow.Spec.Interval = time.Hour
		leases := []*Lease{r.AcquireWitness(slow), r.Acquire(keyOf(c, endpoint1), Unknown, ignore)}
		time.Sleep(3700 * time.Second)
		r.Release(leases...)
		want := "[58m20.001s frozen true 1h0m1.001s frozen false]"
		if got := fmt.Sprint(s.lines); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})
}

// Without a witness, or after the last was released, failures count.
func TestReleasedWitness(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(outage{endpoint1: {5, 100}, witness1: {5, 100}})
		r, c := s.registry(), &fake{"fake", s.probe}
		w := r.AcquireWitness(keyOf(c, witness1))
		again := r.AcquireWitness(keyOf(c, witness1))
		e := r.Acquire(keyOf(c, endpoint1), Unknown, ignore)
		time.Sleep(20 * time.Second)
		r.Release(w)
		time.Sleep(10 * time.Second)
		r.Release(again)
		time.Sleep(10 * time.Second)
		r.Release(e)
		want := "[6s frozen true 30s frozen false 33.001s 192.0.2.1 down]"
		if got := fmt.Sprint(s.lines); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})
}

// If one of two witnesses answers, the server is not taken for cut off while they are
// released one after the other, but it is if the other one is kept.
func TestReleasedGoodWitness(t *testing.T) {
	for _, tc := range []struct {
		name string
		stay time.Duration // of the bad one
		want string
	}{
		{"at the end of the process", 0, "[]"},
		{"by a reload", 20 * time.Second, "[10.501s frozen true 30s frozen false]"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newStage(outage{witness2: {0, 100}})
				r, c := s.registry(), &fake{"fake", s.probe}
				good, bad := r.AcquireWitness(keyOf(c, witness1)), r.AcquireWitness(keyOf(c, witness2))
				time.Sleep(10 * time.Second)
				r.Release(good)
				time.Sleep(tc.stay)
				r.Release(bad)
				if got := fmt.Sprint(s.lines); got != tc.want {
					t.Errorf("got %s, want %s", got, tc.want)
				}
			})
		})
	}
}

// A new witness (of a reload) does not end the cut before it has answered.
func TestWitnessWhileCutOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(outage{endpoint1: {5, 100}, witness1: {5, 100}, witness2: {0, 40}})
		r, c := s.registry(), &fake{"fake", s.probe}
		w1 := r.AcquireWitness(keyOf(c, witness1))
		e := r.Acquire(keyOf(c, endpoint1), Unknown, ignore)
		time.Sleep(20 * time.Second)
		w2 := r.AcquireWitness(keyOf(c, witness2))
		time.Sleep(40 * time.Second)
		r.Release(w1, w2, e)
		want := "[6s frozen true 40s frozen false 43.001s 192.0.2.1 down]"
		if got := fmt.Sprint(s.lines); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})
}

// Checkers go on while the hook waits for a log that nobody reads, and its last call has
// the current value.
func TestFrozenWaitsForNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(outage{witness1: {5, 30}, endpoint1: {40, 100}})
		log, last := make(chan bool), false
		r := NewRegistry(Hooks{Frozen: func(on bool) {
			<-log
			last = on
		}})
		c := &fake{"fake", s.probe}
		w1 := r.AcquireWitness(keyOf(c, witness1))
		e := r.Acquire(keyOf(c, endpoint1), Unknown, ignore)
		time.Sleep(10 * time.Second)
		w2 := r.AcquireWitness(keyOf(c, witness2)) // which answers
		time.Sleep(50 * time.Second)
		if e.State() != Down {
			t.Errorf("an endpoint that fails is %s", e.State())
		}
		close(log)
		synctest.Wait()
		if last {
			t.Error("the last call of the hook was with true, want false")
		}
		r.Release(w1, w2, e)
	})
}

// An inconclusive result of a witness counts like a failure. One witness that answers is
// enough.
func TestInconclusiveWitness(t *testing.T) {
	for _, other := range []struct {
		err  error
		want string
	}{
		{MarkInconclusive(errNo), "[2.001s frozen true 12s frozen false]"},
		{errNo, "[2.001s frozen true 12s frozen false]"},
		{nil, "[]"},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := newStage(nil)
			r := s.registry()
			c := &fake{"fake", func(_ context.Context, addr netip.Addr) error {
				at := time.Since(s.start)
				switch {
				case at < 2*time.Second || at >= 12*time.Second:
					return nil
				case addr == witness2:
					return other.err
				default:
					return MarkInconclusive(errNo)
				}
			}}
			leases := []*Lease{r.AcquireWitness(keyOf(c, witness1)), r.AcquireWitness(keyOf(c, witness2))}
			time.Sleep(20 * time.Second)
			r.Release(leases...)
			if got := fmt.Sprint(s.lines); got != other.want {
				t.Errorf("with one that gives %v: got %s, want %s", other.err, got, other.want)
			}
		})
	}
}

// A witness that is also an endpoint does not go down while it is the only witness.
func TestWitnessThatIsAnEndpoint(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(outage{endpoint1: {5, 100}})
		r, c := s.registry(), &fake{"fake", s.probe}
		w, e := r.AcquireWitness(keyOf(c, endpoint1)), r.Acquire(keyOf(c, endpoint1), Unknown, ignore)
		time.Sleep(time.Minute)
		if e.State() != Up {
			t.Errorf("it is %s without another witness", e.State())
		}
		r.Release(w, e)
		if got := fmt.Sprint(s.lines); got != "[6s frozen true 1m0s frozen false]" {
			t.Errorf("got %s", got)
		}
	})
}
