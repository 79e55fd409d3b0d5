package lifecycle

import (
	"runtime/debug"
	"testing"
	"testing/synctest"
	"time"
)

// The collector begins earlier during a reload, and never later than the operator wants.
func TestHeapGuard(t *testing.T) {
	percent := func() int {
		p := debug.SetGCPercent(100)
		debug.SetGCPercent(p)
		return p
	}
	defer debug.SetGCPercent(debug.SetGCPercent(100))
	for _, tc := range []struct {
		name        string
		set, during int
		reload      bool
	}{
		{"a start", 100, 100, false},
		{"a reload", 100, reloadPercent, true},
		{"with a lower percentage", 20, 20, true},
		{"with the collector off", -1, -1, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				debug.SetGCPercent(tc.set)
				g := new(heapGuard)
				g.begin(tc.reload)
				if p := percent(); p != tc.during {
					t.Errorf("%d %% during it, want %d", p, tc.during)
				}
				g.begin(tc.reload) // before the last has settled
				g.settle()
				time.Sleep(settleTime)
				synctest.Wait()
				if p := percent(); p != tc.set {
					t.Errorf("%d %% afterwards, want %d", p, tc.set)
				}
				g.begin(tc.reload) // and it fails without a word
				time.Sleep(longestReload)
				synctest.Wait()
				if p := percent(); p != tc.set {
					t.Errorf("%d %% after one that failed, want %d", p, tc.set)
				}
			})
		})
	}
}
