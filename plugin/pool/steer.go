package pool

import (
	"slices"
	"time"
)

// reorder ranks the pools by their round trips under SteerLatency. A pool is moved before
// another only if it is faster by more than the margin, so that small differences change
// nothing. A pool without a known round trip stays where it is.
func (t *Tracker) reorder() {
	if t.rec.Steer.Kind != SteerLatency {
		return
	}
	for k := range t.order {
		now := t.pools[t.order[k]].roundTrip()
		fastest := k
		for i := k + 1; i < len(t.order); i++ {
			d := t.pools[t.order[i]].roundTrip()
			if d > 0 && (fastest == k || d < t.pools[t.order[fastest]].roundTrip()) {
				fastest = i
			}
		}
		if fastest == k || t.pools[t.order[fastest]].roundTrip()*100 >= now*time.Duration(100-t.rec.Steer.Margin) {
			continue
		}
		p := t.order[fastest]
		t.order = slices.Insert(slices.Delete(slices.Clone(t.order), fastest, fastest+1), k, p)
	}
}
