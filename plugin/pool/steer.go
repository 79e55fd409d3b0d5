package pool

import (
	"slices"
	"time"
)

// reorder ranks the pools by their round trips. To be fair to what is served
// now, a pool is put before another only if it is faster by more than the
// margin. A pool of which no round trip is known stays where it is.
func (c *Tracker) reorder() {
	if c.rec.Steer.Kind != SteerLatency {
		return
	}
	for k := range c.order {
		now := c.pools[c.order[k]].roundTrip()
		fastest := k
		for i := k + 1; i < len(c.order); i++ {
			d := c.pools[c.order[i]].roundTrip()
			if d > 0 && (fastest == k || d < c.pools[c.order[fastest]].roundTrip()) {
				fastest = i
			}
		}
		if fastest == k || c.pools[c.order[fastest]].roundTrip()*100 >= now*time.Duration(100-c.rec.Steer.Margin) {
			continue
		}
		p := c.order[fastest]
		c.order = slices.Insert(slices.Delete(slices.Clone(c.order), fastest, fastest+1), k, p)
	}
}
