package healthcheck

import (
	"context"
	"net/netip"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// Waits that are varied anyway are varied a little more, so that checkers share
// the moments at which they wake the process. None waits for longer on average.
func TestProbesShareMoments(t *testing.T) {
	const checkers, lasts = 200, 200 * time.Second
	for _, jitter := range []int{0, 10} {
		synctest.Test(t, func(t *testing.T) {
			var mu sync.Mutex
			began := make(map[netip.Addr][]time.Time)
			c := &fake{"ask", func(_ context.Context, addr netip.Addr) error {
				mu.Lock()
				defer mu.Unlock()
				began[addr] = append(began[addr], time.Now())
				return nil
			}}
			r := NewRegistry(Hooks{})
			var leases []*Lease
			for i := range checkers {
				key := keyOf(c, netip.AddrFrom4([4]byte{192, 0, 2, byte(i)}))
				key.Spec.Interval, key.Spec.Jitter = 2*time.Second, jitter
				leases = append(leases, r.Acquire(key, Unknown, ignore))
			}
			time.Sleep(lasts)
			r.Release(leases...)

			moments, waits, sum := make(map[time.Time]bool), 0, time.Duration(0)
			for _, times := range began {
				for i, at := range times[1:] {
					moments[at] = true
					wait := at.Sub(times[i])
					waits, sum = waits+1, sum+wait
					if d := (wait - 2*time.Second).Abs(); d > time.Duration(jitter)*20*time.Millisecond+mostSlack || jitter == 0 && d > 0 {
						t.Fatalf("jitter %d%%: a wait of %s", jitter, wait)
					}
				}
			}
			if mean := sum / time.Duration(waits); (mean - 2*time.Second).Abs() > 5*time.Millisecond {
				t.Errorf("jitter %d%%: waits of %s on average", jitter, mean)
			}
			if most := int(lasts / (2 * mostSlack)); jitter > 0 && len(moments) > most {
				t.Errorf("jitter %d%%: %d probes at %d moments, want %d", jitter, waits, len(moments), most)
			}
		})
	}
}
