package pool

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/coredns-failover/failover/healthcheck"
)

// A doubt is what a check of an address has against its own last word: it can no
// longer ask, while the same check can ask other addresses of the pool. Once it has
// been so for as many results as make an endpoint go down, the address follows its
// pool: it counts as healthy if one of those others is up. A site that is dead is
// not kept alive by the addresses of a family that this host does not have.
//
// While no other can be asked, nothing is counted, and nobody changes: then it is
// this host that is offline, and what comes back first is no measure for the rest.
type streak struct {
	limit int       // results that make the check conclusive no more
	count int       // inconclusive results in a row while others could be asked
	last  time.Time // when count was set last; zero if it never was
	cause string    // of the last one
}

// sure reports whether the address is to follow its pool for this check.
func (s *streak) reached() bool { return s.count >= s.limit }

// minDoubt is how many inconclusive results there must be at least, so that
// another could be asked between two of them: a single one is nobody's measure,
// as a host that goes offline has it first of one target.
const minStreak = 2

func newStreak(key healthcheck.Key) streak {
	return streak{limit: max(minStreak, key.Spec.Fall.Count)}
}

// clear forgets everything.
func (s *streak) clear() { *s = streak{limit: s.limit} }

// add takes in an inconclusive result, with what others were able to ask.
func (s *streak) add(o others, cause string, now time.Time) {
	switch {
	case s.reached(): // until the check can ask again, even if no other can
	case !o.conclusive:
		s.count, s.last = 0, now
	case s.last.IsZero() || o.since: // at every other result, where probes of others take an interval
		s.count, s.last = s.count+1, now
	}
	s.cause = cause
}

// others say what a check of the other addresses of a pool has come to.
type others struct {
	conclusive bool // it could ask one of them when it did so last
	since      bool // and one of these since a certain time
}

// others returns what the check k of the addresses besides m has come to.
func (ps *poolState) others(a *address, k int) (o others) {
	for _, other := range ps.pick((*address).enabled) {
		if other == a || k >= len(other.leases) {
			continue
		}
		if at, ok := other.leases[k].LastConclusive(); ok {
			o.conclusive = true
			o.since = o.since || at.After(a.streaks[k].last)
		}
	}
	return o
}

// doubted takes in that the check k of an address could not ask, and why, or, with
// "", that it can again.
func (t *Tracker) onInconclusive(p int, a *address, k int, cause string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.stopped || a.leases == nil {
		return
	}
	s := &a.streaks[k]
	switch {
	case cause != "":
		s.add(t.pools[p].others(a, k), cause, t.clock.Now())
	case !s.reached() || a.leases[k].Settled():
		s.clear() // else its own word is old, and it goes on following until it has a new one
	}
	t.updateAddress(p, a, fmt.Sprintf("%s of pool %s can be asked again", a.name, t.rec.Pools[p].Name))
}

// recount finds out as what m counts, and those that follow it, and replaces the
// View if that is another thing. why is what brings it about in m.
func (t *Tracker) updateAddress(p int, a *address, why string) {
	was, shown := a.state, a.shown
	a.updateState()
	flipped := t.pools[p].updateFollowers()
	if !a.follows && a.state.Healthy() != was.Healthy() {
		flipped = slices.Insert(flipped, 0, a)
	}
	tell := func() {
		if a.shown != shown {
			t.observer.EndpointChanged(p, a.name, a.shown)
		}
	}
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

// recount finds out as what an address counts by its own word, if it has one.
func (a *address) updateState() {
	a.shown = a.aggregate((*healthcheck.Lease).Inconclusive)
	if a.follows = a.inconclusive(); !a.follows {
		a.state = a.aggregate(never)
	}
}

// follow lets addresses follow the pool, and returns those that are healthy now and
// were not, or the other way round.
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

// followed returns the state of an address that follows its pool. While this host is
// offline that of the others stands, and so its own: it is not to be measured by
// what comes back first.
func (ps *poolState) followedState(a *address) healthcheck.State {
	rest := ps.pick(func(o *address) bool { return o != a && o.enabled() && !o.follows })
	switch {
	case len(rest) == 0:
		return a.state
	case slices.ContainsFunc(rest, (*address).healthy):
		return healthcheck.Up
	}
	return healthcheck.Down
}
