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
type doubt struct {
	most  int       // results that make the check conclusive no more
	count int       // inconclusive results in a row while others could be asked
	last  time.Time // when count was set last; zero if it never was
	cause string    // of the last one
}

// sure reports whether the address is to follow its pool for this check.
func (d *doubt) sure() bool { return d.count >= d.most }

// minDoubt is how many inconclusive results there must be at least, so that
// another could be asked between two of them: a single one is nobody's measure,
// as a host that goes offline has it first of one target.
const minDoubt = 2

func newDoubt(key healthcheck.Key) doubt {
	return doubt{most: max(minDoubt, key.Spec.Fall.Count)}
}

// clear forgets everything.
func (d *doubt) clear() { *d = doubt{most: d.most} }

// add takes in an inconclusive result, with what others were able to ask.
func (d *doubt) add(o others, cause string, now time.Time) {
	switch {
	case d.sure(): // until the check can ask again, even if no other can
	case !o.asked:
		d.count, d.last = 0, now
	case d.last.IsZero() || o.since: // at every other result, where probes of others take an interval
		d.count, d.last = d.count+1, now
	}
	d.cause = cause
}

// others say what a check of the other addresses of a pool has come to.
type others struct {
	asked bool // it could ask one of them when it did so last
	since bool // and one of these since a certain time
}

// others returns what the check k of the addresses besides m has come to.
func (g *poolState) others(m *address, k int) (o others) {
	for _, other := range g.pick((*address).enabled) {
		if other == m || k >= len(other.leases) {
			continue
		}
		if at, ok := other.leases[k].LastConclusive(); ok {
			o.asked = true
			o.since = o.since || at.After(m.doubts[k].last)
		}
	}
	return o
}

// doubted takes in that the check k of an address could not ask, and why, or, with
// "", that it can again.
func (c *Tracker) doubted(p int, m *address, k int, cause string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stopped || m.leases == nil {
		return
	}
	d := &m.doubts[k]
	switch {
	case cause != "":
		d.add(c.pools[p].others(m, k), cause, c.clock.Now())
	case !d.sure() || m.leases[k].Settled():
		d.clear() // else its own word is old, and it goes on following until it has a new one
	}
	c.recount(p, m, fmt.Sprintf("%s of pool %s can be asked again", m.name, c.rec.Pools[p].Name))
}

// recount finds out as what m counts, and those that follow it, and replaces the
// View if that is another thing. why is what brings it about in m.
func (c *Tracker) recount(p int, m *address, why string) {
	was, shown := m.state, m.shown
	m.recount()
	flipped := c.pools[p].follow()
	if !m.follows && m.state.Healthy() != was.Healthy() {
		flipped = slices.Insert(flipped, 0, m)
	}
	tell := func() {
		if m.shown != shown {
			c.observer.EndpointChanged(p, m.name, m.shown)
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
				f.name, c.rec.Pools[p].Name, f.cause(), f.state)
		}
	}
	c.rebuildAnd(tell, strings.Join(reasons, "; "))
}

// recount finds out as what an address counts by its own word, if it has one.
func (m *address) recount() {
	m.shown = m.aggregate((*healthcheck.Lease).Inconclusive)
	if m.follows = m.doubtful(); !m.follows {
		m.state = m.aggregate(never)
	}
}

// follow lets addresses follow the pool, and returns those that are healthy now and
// were not, or the other way round.
func (g *poolState) follow() (flipped []*address) {
	g.each(func(m *address) {
		if !m.follows {
			return
		}
		was := m.state
		if m.state = g.followed(m); m.state.Healthy() != was.Healthy() {
			flipped = append(flipped, m)
		}
	})
	return flipped
}

// followed returns the state of an address that follows its pool. While this host is
// offline that of the others stands, and so its own: it is not to be measured by
// what comes back first.
func (g *poolState) followed(m *address) healthcheck.State {
	rest := g.pick(func(o *address) bool { return o != m && o.enabled() && !o.follows })
	switch {
	case len(rest) == 0:
		return m.state
	case slices.ContainsFunc(rest, (*address).healthy):
		return healthcheck.Up
	}
	return healthcheck.Down
}
