package pool

import (
	"slices"
	"time"
)

// updatePools finds out which pools are up, and which are held back. from is the View
// that queries have seen up to now.
func (c *Tracker) updatePools(from *View, now time.Time) {
	for p := range c.pools {
		g := &c.pools[p]
		was := g.up
		g.up = g.hasQuorum()
		switch {
		case g.up && !was:
			g.since = now
		case was && !g.up && from.serves(p):
			g.heldBack = c.rec.Failback.Hold
		}
	}
	c.endHolds(!c.isServed(from), now)
}

// endHolds ends the holds that are over, and all of them if they are needed: nothing
// else is up, or what serves has gone down.
func (c *Tracker) endHolds(needed bool, now time.Time) {
	needed = needed || !slices.ContainsFunc(c.pools, func(g poolState) bool { return g.up && !g.heldBack })
	for p := range c.pools {
		if g := &c.pools[p]; g.up && g.heldBack && (needed || c.holdIsOver(g, now)) {
			g.heldBack = false
		}
	}
}

// serves reports whether a pool answers somebody.
func (v *View) serves(p int) bool {
	return p == v.Pool || v.Choose && slices.Contains(v.Ranked, p)
}

// isServed reports whether the pool that served in from is still up. If it is
// not, nobody is held back: a pool that was down a moment ago is better than
// one that is down now.
func (c *Tracker) isServed(from *View) bool { return from.Pool != None && c.pools[from.Pool].up }

func (c *Tracker) holdIsOver(g *poolState, now time.Time) bool {
	after := c.rec.Failback.After
	return after > 0 && now.Sub(g.since) >= after
}

// nextRelease returns when the next pool stops being held back, and false if
// none is going to.
func (c *Tracker) nextRelease() (at time.Time, ok bool) {
	for p := range c.pools {
		if g := &c.pools[p]; g.up && g.heldBack && c.rec.Failback.After > 0 {
			if t := g.since.Add(c.rec.Failback.After); !ok || t.Before(at) {
				at, ok = t, true
			}
		}
	}
	return at, ok
}

// setTimer has the Tracker look again when the next pool is released. A timer that
// has run out is kept until then: its function may still be waiting for c.mu,
// while another one is set.
func (c *Tracker) setTimer() {
	if c.timer != nil && c.timer.Stop() {
		c.running.Done()
	}
	at, ok := c.nextRelease()
	if !ok || c.stopped {
		return
	}
	c.running.Add(1)
	c.timer = time.AfterFunc(time.Until(at), c.release)
}

// release looks whether a pool has been held back for long enough.
func (c *Tracker) release() {
	defer c.running.Done()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stopped {
		return
	}
	c.rebuild("held back for " + c.rec.Failback.After.String() + " after it was down")
}
