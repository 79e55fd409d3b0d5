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

// An outage is when somebody does not answer, from one time to another.
type outage map[netip.Addr][2]float64

// A stage is where probes meet targets that are out at times.
type stage struct {
	outage
	mu sync.Mutex // guards the following
	*log
	asked map[netip.Addr]int
}

func newStage(o outage) *stage {
	return &stage{outage: o, log: newLog(), asked: make(map[netip.Addr]int)}
}

func (s *stage) probe(_ context.Context, addr netip.Addr) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked[addr]++
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

// registry tells of endpoints that were known, and of being frozen.
func (s *stage) registry() *Registry {
	return NewRegistry(Hooks{
		Frozen: func(is bool) { s.say("frozen %v", is) },
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
		{"this server is cut off, and judges anew afterwards",
			outage{endpoint1: {5, 30}, endpoint2: {5, 50}, witness1: {5, 30}, witness2: {5, 30}},
			[]string{"6s frozen true", "30s frozen false", "33.003s 192.0.2.2 down", "59.003s 192.0.2.2 up"}},
		{"a blip, then a cut that the witnesses see first",
			outage{endpoint1: {6, 30}, witness1: {4, 30}, witness2: {4, 30}},
			[]string{"4s frozen true", "30s frozen false"}},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newStage(tc.outage)
				r, c := s.registry(), &fake{"ask", s.probe}
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

// An endpoint is held up until a witness passes a probe that began after the
// failure; it is the failure that starts one, once, for however many endpoints.
func TestFailureWakesWitnesses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := outage{}
		for i := range 100 {
			o[netip.AddrFrom4([4]byte{192, 0, 2, byte(i)})] = [2]float64{5, 100}
		}
		s := newStage(o)
		r, c := s.registry(), &fake{"ask", s.probe}
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
		if n := s.asked[witness1]; n < 2 || n > 4 {
			t.Errorf("the witness was asked %d times for 100 failures, want once at the start and a few times then", n)
		}
	})
}

// It may hasten a witness that has been called and is about to start.
func TestWakeBeforeTheStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(nil)
		r := s.registry()
		lease := &Lease{checker: newChecker(r, keyOf(&fake{"ask", s.probe}, witness1), ProberFunc(s.probe), Unknown)}
		r.witnesses.add(lease.checker)
		r.witnesses.wake()
		lease.checker.start(0)
		synctest.Wait()
		lease.checker.stop()
		if n := s.asked[witness1]; n != 1 {
			t.Errorf("asked %d times", n)
		}
	})
}

// A witness whose failure cuts this server off is asked again soon, however
// seldom it is asked else: it may have been a lost packet.
func TestCutOffWakesWitnesses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(outage{witness1: {3500, 3601}, endpoint1: {3500, 3601}})
		r, c := s.registry(), &fake{"ask", s.probe}
		seldom := keyOf(c, witness1)
		seldom.Spec.Interval = time.Hour
		leases := []*Lease{r.AcquireWitness(seldom), r.Acquire(keyOf(c, endpoint1), Unknown, ignore)}
		time.Sleep(3700 * time.Second)
		r.Release(leases...)
		want := "[58m20.001s frozen true 1h0m1.001s frozen false]"
		if got := fmt.Sprint(s.lines); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})
}

// Without a witness, or after the last was dismissed, failures count as ever.
func TestReleasedWitness(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(outage{endpoint1: {5, 100}, witness1: {5, 100}})
		r, c := s.registry(), &fake{"ask", s.probe}
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

// Where one of two witnesses answers, nobody is told that this server is cut off
// while they are dismissed one after the other, but it is if the other goes on alone.
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
				r, c := s.registry(), &fake{"ask", s.probe}
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

// A witness that comes while this server is cut off, such as by a reload, does
// not thaw it before it has answered.
func TestWitnessWhileCutOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(outage{endpoint1: {5, 100}, witness1: {5, 100}, witness2: {0, 40}})
		r, c := s.registry(), &fake{"ask", s.probe}
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

// While the hook waits, such as for a log that nobody reads, health goes on; and
// what it is told last is what is.
func TestFrozenWaitsForNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(outage{witness1: {5, 30}, endpoint1: {40, 100}})
		log, last := make(chan bool), false
		r := NewRegistry(Hooks{Frozen: func(is bool) {
			<-log
			last = is
		}})
		c := &fake{"ask", s.probe}
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
			t.Error("the hook was told last that this server is cut off, which it is not")
		}
		r.Release(w1, w2, e)
	})
}

// Witnesses that could not be asked cut this server off as those do that fail;
// one that answers is enough.
func TestWitnessThatCannotBeAsked(t *testing.T) {
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
			c := &fake{"ask", func(_ context.Context, addr netip.Addr) error {
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

// A witness that is an endpoint as well does not go down by its own word.
func TestWitnessThatIsAnEndpoint(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(outage{endpoint1: {5, 100}})
		r, c := s.registry(), &fake{"ask", s.probe}
		w, e := r.AcquireWitness(keyOf(c, endpoint1)), r.Acquire(keyOf(c, endpoint1), Unknown, ignore)
		time.Sleep(time.Minute)
		if e.State() != Up {
			t.Errorf("it is %s while nobody confirms it", e.State())
		}
		r.Release(w, e)
		if got := fmt.Sprint(s.lines); got != "[6s frozen true 1m0s frozen false]" {
			t.Errorf("got %s", got)
		}
	})
}
