package pool

import (
	"cmp"
	"net/netip"
	"slices"
	"time"

	"github.com/coredns-failover/failover/healthcheck"
)

// An inheritance is what a Tracker knows that its successor after a reload goes on
// with. The zero value is that of none.
type inheritance struct {
	states map[netip.Addr]healthcheck.State
	hosts  map[string][]netip.Addr // addresses by host name; none of one that cannot be looked up
	pools  map[string]past         // by name
}

// A past is that of a pool.
type past struct {
	rank    int
	held    bool
	since   time.Time // zero if it was down
	next    bool      // the plugins behind have been asked for it
	replies [2]*Reply // what they said
	turns   *turns
	follows map[netip.Addr]healthcheck.State // of the members that follow the pool
}

// bequeath returns what c knows.
func (c *Tracker) bequeath() inheritance {
	c.mu.Lock()
	defer c.mu.Unlock()
	in := inheritance{
		states: make(map[netip.Addr]healthcheck.State),
		hosts:  make(map[string][]netip.Addr),
		pools:  make(map[string]past),
	}
	for p := range c.groups {
		g := &c.groups[p]
		was := past{rank: slices.Index(c.order, p), held: g.held, replies: g.replies, turns: g.turns, follows: g.follows()}
		was.next = g.cfg.Next() && !g.pending()
		if g.up {
			was.since = g.since
		}
		in.pools[g.cfg.Name] = was
		for i := range g.slots {
			in.addSlot(&g.cfg.Endpoints[i], &g.slots[i])
		}
	}
	return in
}

func (in inheritance) addSlot(e *Endpoint, s *slot) {
	addrs := in.hosts[e.Host]
	for _, m := range s.members {
		if _, known := in.states[m.addr]; !known && !e.Disabled {
			in.states[m.addr] = m.state
		}
		if !m.gone && !slices.Contains(addrs, m.addr) {
			addrs = append(addrs, m.addr)
		}
	}
	if e.Host != "" && !e.Disabled && !s.pending {
		in.hosts[e.Host] = addrs
	}
}

// inherit lets the pool p go on where in left off.
func (c *Tracker) inherit(p int, in inheritance) {
	g := &c.groups[p]
	was, ok := in.pools[g.cfg.Name]
	if ok {
		g.held, g.since = was.held && c.rec.Failback.Hold, was.since
		g.turns = was.turns
	}
	for e := range g.slots {
		end := &g.cfg.Endpoints[e]
		addrs, known := in.hosts[end.Host]
		if end.Next && was.next {
			g.replies = was.replies
			addrs, known = g.addrs(), true
		}
		if end.Addr.IsValid() || end.Disabled || !known {
			continue
		}
		g.slots[e].pending = false
		for _, addr := range addrs {
			m := newMember(c.rec, end, addr)
			m.seen = c.clock.Now()
			g.slots[e].members = append(g.slots[e].members, m)
		}
	}
	g.findTwins()
	g.dress(c.rec)
}

// follows returns the states of the members that follow the pool.
func (g *group) follows() map[netip.Addr]healthcheck.State {
	states := make(map[netip.Addr]healthcheck.State)
	g.each(func(m *member) {
		if m.follows {
			states[m.addr] = m.state
		}
	})
	return states
}

// goOn lets a member follow its pool that did so before, if its checks are the
// same, and still cannot ask.
func (m *member) goOn(states map[netip.Addr]healthcheck.State, now time.Time) {
	state, followed := states[m.addr]
	if !followed {
		return
	}
	for k, l := range m.leases {
		if d := &m.doubts[k]; l.Inconclusive() {
			d.count, d.last, d.cause = d.most, now, "as before the reload"
		}
	}
	m.state, m.follows = state, m.doubtful()
}

// reorder returns the ranks that the pools of c had.
func (in inheritance) reorder(c *Tracker) []int {
	if c.rec.Steer.Kind != SteerLatency {
		return c.order
	}
	rank := func(p int) int {
		if was, ok := in.pools[c.rec.Pools[p].Name]; ok {
			return was.rank
		}
		return p
	}
	return slices.SortedStableFunc(slices.Values(c.order), func(a, b int) int { return cmp.Compare(rank(a), rank(b)) })
}
