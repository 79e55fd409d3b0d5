package timer

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// The goroutines of a slot run the next one, though some are busy, and end with the timers.
// A bubble does not end before they do.
func TestWorkersAreKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const timers, each = 400, 50
		var c Clock
		var runs atomic.Int32
		all := make([]*Timer, timers)
		for i := range all {
			all[i] = c.New(func() {
				runs.Add(1)
				if i%10 == 0 {
					time.Sleep(time.Second)
				}
				all[i].At(c.Now().Add(time.Second), 10*ms)
			})
			all[i].At(c.Now().Add(time.Second), 10*ms)
		}
		time.Sleep(each*time.Second + 500*ms)
		synctest.Wait()
		if n := int(runs.Load()); n < timers*each*9/10 || n > timers*each {
			t.Errorf("%d runs", n)
		}
		if n := len(c.parked); n != maxParked {
			t.Errorf("%d workers wait, want %d", n, maxParked)
		}
		for _, tm := range all {
			tm.Stop()
		}
		for _, tm := range all {
			tm.Wait()
		}
		synctest.Wait()
		if len(c.parked) != 0 || len(c.slots) != 0 {
			t.Errorf("%d workers and %d slots are left", len(c.parked), len(c.slots))
		}
	})
}
