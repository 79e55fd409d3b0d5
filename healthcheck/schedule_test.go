package healthcheck

import (
	"context"
	"math/rand/v2"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

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
				c := &fake{"fake", func(context.Context, netip.Addr) error {
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

// With jitter, waits are rounded so that checkers share the moments at which they wake the
// process. The mean wait stays the interval.
func TestProbesShareMoments(t *testing.T) {
	const checkers, lasts = 200, 100 * time.Second
	for _, jitter := range []int{0, 10} {
		synctest.Test(t, func(t *testing.T) {
			var mu sync.Mutex
			began := make(map[netip.Addr][]time.Time)
			c := &fake{"fake", func(_ context.Context, addr netip.Addr) error {
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
			if mean := sum / time.Duration(waits); (mean - 2*time.Second).Abs() > 6*time.Millisecond {
				t.Errorf("jitter %d%%: waits of %s on average", jitter, mean)
			}
			if most := int(lasts / (2 * mostSlack)); jitter > 0 && len(moments) > most {
				t.Errorf("jitter %d%%: %d probes at %d moments, want %d", jitter, waits, len(moments), most)
			}
		})
	}
}

func TestFirstProbesAreSpread(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		var mu sync.Mutex // guards the following
		perTenth := make(map[time.Duration]int)
		var first, last time.Duration = time.Hour, 0
		c := &fake{"fake", func(context.Context, netip.Addr) error {
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
