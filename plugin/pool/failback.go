package pool

import (
	"slices"
	"time"
)

// updatePools finds out which pools are up, and which are held back. from is the View
// that queries have seen up to now.
func (t *Tracker) updatePools(from *View, now time.Time) {
	for p := range t.pools {
		ps := &t.pools[p]
		was := ps.up
		ps.up = ps.hasQuorum()
		switch {
		case ps.up && !was:
			ps.since = now
		case was && !ps.up && from.serves(p):
			ps.heldBack = t.rec.Failback.Hold
		}
	}
	t.endHolds(!t.stillUp(from), now)
}

// endHolds ends the holds that are over, and all of them if they are needed: nothing
// else is up, or what serves has gone down.
func (t *Tracker) endHolds(needed bool, now time.Time) {
	needed = needed || !slices.ContainsFunc(t.pools, func(ps poolState) bool { return ps.up && !ps.heldBack })
	for p := range t.pools {
		if ps := &t.pools[p]; ps.up && ps.heldBack && (needed || t.holdOver(ps, now)) {
			ps.heldBack = false
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
func (t *Tracker) stillUp(from *View) bool { return from.Pool != None && t.pools[from.Pool].up }

func (t *Tracker) holdOver(ps *poolState, now time.Time) bool {
	after := t.rec.Failback.After
	return after > 0 && now.Sub(ps.since) >= after
}

// nextRelease returns when the next pool stops being held back, and false if
// none is going to.
func (t *Tracker) nextHoldEnd() (at time.Time, ok bool) {
	for p := range t.pools {
		if ps := &t.pools[p]; ps.up && ps.heldBack && t.rec.Failback.After > 0 {
			if end := ps.since.Add(t.rec.Failback.After); !ok || end.Before(at) {
				at, ok = end, true
			}
		}
	}
	return at, ok
}

// setTimer has the Tracker look again when the next pool is released.
func (t *Tracker) setTimer() {
	if at, ok := t.nextHoldEnd(); ok {
		t.timer.At(at, 0)
	} else {
		t.timer.Cancel()
	}
}

// release looks whether a pool has been held back for long enough.
func (t *Tracker) onTimer() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.stopped {
		return
	}
	t.rebuild("held back for " + t.rec.Failback.After.String() + " after it was down")
}
