package pool

import (
	"slices"
	"time"
)

// updatePools updates which pools are up and which are held back. from is the View that
// is being replaced.
func (t *Tracker) updatePools(from *View, now time.Time) {
	for p := range t.pools {
		ps := &t.pools[p]
		was := ps.up
		ps.up, ps.healthy = ps.hasQuorum((*address).passes), ps.isHealthy()
		switch {
		case ps.up && !was:
			ps.since = now
		case was && !ps.up && from.serves(p):
			ps.heldBack = t.rec.Failback.Hold
		}
	}
	t.endHolds(!t.stillUp(), now)
}

// endHolds ends the holds that have lasted long enough. It ends all of them if the pools
// are needed, or if no other pool is up.
func (t *Tracker) endHolds(needed bool, now time.Time) {
	needed = needed || !slices.ContainsFunc(t.pools, func(ps poolState) bool { return ps.healthy && !ps.isHeldBack() })
	for p := range t.pools {
		if ps := &t.pools[p]; ps.up && ps.heldBack && (needed || t.holdOver(ps, now)) {
			ps.heldBack = false
		}
	}
}

// serves reports whether a pool may answer a client.
func (v *View) serves(p int) bool {
	return p == v.Pool || v.Choose && slices.Contains(v.Ranked, p)
}

// stillUp reports whether the pool that served up to now is still healthy. If it is
// not, nobody is held back: a pool that was down a moment ago is better than
// one that is down now.
func (t *Tracker) stillUp() bool { return t.serving != None && t.pools[t.serving].healthy }

// isHeldBack reports whether the pool is not to take over: the operator's word beats
// what holds it.
func (ps *poolState) isHeldBack() bool { return ps.heldBack && ps.order.action != ForceUp }

// holdOver reports whether the pool has been up for long enough to answer again.
func (t *Tracker) holdOver(ps *poolState, now time.Time) bool {
	after := t.rec.Failback.After
	return after > 0 && now.Sub(ps.since) >= after
}

// nextHoldEnd returns when the next hold ends, and false if none ends by itself.
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

// setTimer sets the timer for the end of the next hold.
func (t *Tracker) setTimer() {
	at, ok := t.nextHoldEnd()
	switch {
	case ok && t.timer == nil:
		t.timer = t.clock.New(t.onTimer)
		fallthrough
	case ok:
		t.timer.At(at, 0)
	case t.timer != nil:
		t.timer.Cancel()
	}
}

// onTimer is called when a hold ends.
func (t *Tracker) onTimer() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.stopped {
		return
	}
	t.rebuild("held back for " + t.rec.Failback.After.String() + " after it was down")
}
