package pool

import (
	"slices"
	"time"
)

// judge finds out which pools are up, and which are held back. from is the View
// that queries have seen up to now.
func (c *Tracker) judge(from *View, now time.Time) {
	for p := range c.groups {
		g := &c.groups[p]
		was := g.up
		g.up = g.hasQuorum()
		switch {
		case g.up && !was:
			g.since = now
		case was && !g.up && from.serves(p):
			g.held = c.rec.Failback.Hold
		}
	}
	c.letGo(!c.isServed(from), now)
}

// letGo ends the holds that are over, and all of them if they are needed: nothing
// else is up, or what serves has gone down.
func (c *Tracker) letGo(needed bool, now time.Time) {
	needed = needed || !slices.ContainsFunc(c.groups, func(g group) bool { return g.up && !g.held })
	for p := range c.groups {
		if g := &c.groups[p]; g.up && g.held && (needed || c.holdIsOver(g, now)) {
			g.held = false
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
func (c *Tracker) isServed(from *View) bool { return from.Pool != None && c.groups[from.Pool].up }

func (c *Tracker) holdIsOver(g *group, now time.Time) bool {
	after := c.rec.Failback.After
	return after > 0 && now.Sub(g.since) >= after
}

// nextRelease returns when the next pool stops being held back, and false if
// none is going to.
func (c *Tracker) nextRelease() (at time.Time, ok bool) {
	for p := range c.groups {
		if g := &c.groups[p]; g.up && g.held && c.rec.Failback.After > 0 {
			if t := g.since.Add(c.rec.Failback.After); !ok || t.Before(at) {
				at, ok = t, true
			}
		}
	}
	return at, ok
}

// setTimer has the Tracker look again when the next pool is released.
func (c *Tracker) setTimer() {
	if at, ok := c.nextRelease(); ok {
		c.timer.At(at, 0)
	} else {
		c.timer.Cancel()
	}
}

// release looks whether a pool has been held back for long enough.
func (c *Tracker) release() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stopped {
		return
	}
	c.rebuild("held back for " + c.rec.Failback.After.String() + " after it was down")
}
