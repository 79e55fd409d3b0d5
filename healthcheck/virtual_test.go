package healthcheck

import (
	"context"
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/coredns-failover/failover/healthcheck/timer"
)

// A Registry on a virtual clock does what it does in real time, if targets answer at once.
func TestVirtualClock(t *testing.T) {
	start := time.Unix(1_000_000, 0)
	clock := timer.NewVirtual(start)
	out := map[netip.Addr][2]time.Duration{
		endpoint1: {5 * time.Second, time.Hour},
		witness1:  {2 * time.Hour, 3 * time.Hour},
		endpoint2: {2 * time.Hour, 3 * time.Hour},
	}
	c := &fake{"fake", func(_ context.Context, addr netip.Addr) error {
		if o, ok := out[addr]; ok && clock.Now().Sub(start) >= o[0] && clock.Now().Sub(start) < o[1] {
			return errNo
		}
		return nil
	}}
	var got []string
	say := func(format string, args ...any) {
		got = append(got, fmt.Sprint(clock.Now().Sub(start).Truncate(time.Second), " ", fmt.Sprintf(format, args...)))
	}
	r := newRegistry(clock, Hooks{
		Frozen: func(on bool) { say("frozen %t", on) },
		Changed: func(tr Transition) {
			if tr.From != Unknown {
				say("%s %s", tr.Key.Addr, tr.To)
			}
		},
	})
	leases := []*Lease{r.AcquireWitness(keyOf(c, witness1))}
	for _, addr := range []netip.Addr{endpoint1, endpoint2} {
		leases = append(leases, r.Acquire(keyOf(c, addr), Unknown, ignore))
	}
	clock.Run(start.Add(4 * time.Hour))
	r.Release(leases...)
	want := "[9s 192.0.2.1 down 1h0m9s 192.0.2.1 up 2h0m0s frozen true 3h0m0s frozen false]"
	if fmt.Sprint(got) != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
