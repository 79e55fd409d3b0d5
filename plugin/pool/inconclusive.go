package pool

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/coredns-failover/failover/healthcheck"
)

// A streak is a number of inconclusive results in a row of one check at one address,
// while the same check has conclusive results at other addresses of the pool. At the
// limit, which is fall, the address follows its pool: it is up if one of the others is
// up, else down. So a dead site does not stay up because of its AAAA on a host without
// IPv6.
//
// While the results at the others are inconclusive as well, nothing is counted and no
// state changes: this host is offline, and the target that answers first once it is
// online again says nothing about the others.
type streak struct {
	limit int
	count int
	last  time.Time // when count was last set; zero if it never was
	cause string    // of the last inconclusive result
}

// reached reports whether the address follows its pool for this check.
func (s *streak) reached() bool { return s.count >= s.limit }

// minStreak is the lowest limit. A single inconclusive result proves nothing: when a
// host goes offline, one of its targets has it first. With two, another target has had
// a conclusive one between them.
const minStreak = 2

func newStreak(key healthcheck.Key) streak {
	return streak{limit: max(minStreak, key.Spec.Fall.Count)}
}

// streak returns the streak of the check k.
func (a *address) streak(k int) *streak {
	if a.streaks == nil {
		for _, key := range a.cfg.Checks {
			a.streaks = append(a.streaks, newStreak(key))
		}
	}
	return &a.streaks[k]
}

// clear ends the streak.
func (s *streak) clear() { *s = streak{limit: s.limit} }

// add adds an inconclusive result, given the results at the other addresses.
func (s *streak) add(o others, cause string, now time.Time) {
	switch {
	case s.reached(): // until a conclusive result, whatever the others have
	case !o.conclusive:
		s.count, s.last = 0, now
	case s.last.IsZero() || o.since: // at every other result, where probes of others take an interval
		s.count, s.last = s.count+1, now
	}
	s.cause = cause
}

// others are the results of a check at the other addresses of a pool.
type others struct {
	conclusive bool // the last result at one of them was conclusive
	since      bool // and came after the last result that the streak has counted
}

// others returns the results of the check k at the addresses of the pool besides a.
func (ps *poolState) others(a *address, k int) (o others) {
	for _, other := range ps.pick((*address).enabled) {
		if other == a || k >= len(other.leases) {
			continue
		}
		if at, ok := other.leases[k].LastConclusive(); ok {
			o.conclusive = true
			o.since = o.since || at.After(a.streak(k).last)
		}
	}
	return o
}

// onInconclusive is called when a result of the check k of an address of the pool p is
// inconclusive, with the cause, and with "" when results are conclusive again.
func (t *Tracker) onInconclusive(p int, a *address, k int, cause string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.stopped || a.leases == nil {
		return
	}
	s := a.streak(k)
	switch {
	case cause != "":
		s.add(t.pools[p].others(a, k), cause, t.clock.Now())
	case !s.reached() || a.leases[k].Settled():
		s.clear() // else its own state is old: it follows its pool until it has a new one
	}
	t.updateAddress(p, a, fmt.Sprintf("%s of pool %s can be asked again", a.name, t.rec.Pools[p].Name))
}

// updateAddress updates the state of an address of the pool p and of those that follow
// the pool. It replaces the View if one of them became healthy or unhealthy. why is the
// cause of a change of a, in words.
func (t *Tracker) updateAddress(p int, a *address, why string) {
	was := a.state
	a.updateState()
	flipped := t.pools[p].updateFollowers()
	if !a.follows && a.state.Healthy() != was.Healthy() {
		flipped = slices.Insert(flipped, 0, a)
	}
	tell := func() { t.tell(p, a, why) }
	if len(flipped) == 0 { // a view is the same for unknown and up
		tell()
		return
	}
	reasons := make([]string, len(flipped))
	for i, f := range flipped {
		reasons[i] = why
		if f.follows {
			reasons[i] = fmt.Sprintf("%s of pool %s cannot be asked (%s) and counts as %s, as others of it are",
				f.name, t.rec.Pools[p].Name, f.cause(), f.state)
		}
	}
	t.rebuildAnd(tell, strings.Join(reasons, "; "))
}

// updateState sets the state of an address by its own checks, unless it follows its pool.
func (a *address) updateState() {
	a.shown = a.aggregate((*healthcheck.Lease).Inconclusive)
	if a.follows = a.inconclusive(); !a.follows {
		a.state = a.aggregate(never)
	}
}

// updateFollowers sets the states of the addresses that follow the pool. It returns those
// that became healthy or unhealthy.
func (ps *poolState) updateFollowers() (flipped []*address) {
	ps.each(func(a *address) {
		if !a.follows {
			return
		}
		was := a.state
		if a.state = ps.followedState(a); a.state.Healthy() != was.Healthy() {
			flipped = append(flipped, a)
		}
	})
	return flipped
}

// followedState returns the state of an address that follows its pool: up if another
// address is healthy, down if none is, and as before if all others follow as well.
func (ps *poolState) followedState(a *address) healthcheck.State {
	rest := ps.pick(func(o *address) bool { return o != a && o.enabled() && !o.follows })
	switch {
	case len(rest) == 0:
		return a.state
	case slices.ContainsFunc(rest, (*address).passes):
		return healthcheck.Up
	}
	return healthcheck.Down
}
