package pool

import (
	"cmp"
	"net/netip"
	"slices"
	"time"

	"github.com/coredns-failover/failover/healthcheck"
)

// A snapshot is what a Tracker knows that its successor after a reload goes on
// with. The zero value is that of none.
type snapshot struct {
	states map[netip.Addr]healthcheck.State
	hosts  map[string][]netip.Addr // addresses by host name; none of one that cannot be looked up
	pools  map[string]poolSnapshot // by name
}

// A poolSnapshot is that of a pool.
type poolSnapshot struct {
	rank     int
	heldBack bool
	since    time.Time // zero if it was down
	next     bool      // the next plugins have been asked for it
	replies  [2]*Reply // what they said
	rotation *rotation
	follows  map[netip.Addr]healthcheck.State // of the addresses that follow the pool
}

// snapshot returns what c knows.
func (c *Tracker) snapshot() snapshot {
	c.mu.Lock()
	defer c.mu.Unlock()
	in := snapshot{
		states: make(map[netip.Addr]healthcheck.State),
		hosts:  make(map[string][]netip.Addr),
		pools:  make(map[string]poolSnapshot),
	}
	for p := range c.pools {
		g := &c.pools[p]
		was := poolSnapshot{rank: slices.Index(c.order, p), heldBack: g.heldBack, replies: g.replies, rotation: g.rotation, follows: g.follows()}
		was.next = g.cfg.Next() && !g.pending()
		if g.up {
			was.since = g.since
		}
		in.pools[g.cfg.Name] = was
		for i := range g.endpoints {
			in.addEndpoint(&g.cfg.Endpoints[i], &g.endpoints[i])
		}
	}
	return in
}

func (in snapshot) addEndpoint(e *Endpoint, s *endpointState) {
	addrs := in.hosts[e.Host]
	for _, m := range s.addresses {
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

// restore lets the pool p go on where in left off.
func (c *Tracker) restore(p int, in snapshot) {
	g := &c.pools[p]
	was, ok := in.pools[g.cfg.Name]
	if ok {
		g.heldBack, g.since = was.heldBack && c.rec.Failback.Hold, was.since
		g.rotation = was.rotation
	}
	for e := range g.endpoints {
		end := &g.cfg.Endpoints[e]
		addrs, known := in.hosts[end.Host]
		if end.Next && was.next {
			g.replies = was.replies
			addrs, known = g.addrs(), true
		}
		if end.Addr.IsValid() || end.Disabled || !known {
			continue
		}
		g.endpoints[e].pending = false
		for _, addr := range addrs {
			m := newAddress(c.rec, end, addr)
			m.seen = time.Now()
			g.endpoints[e].addresses = append(g.endpoints[e].addresses, m)
		}
	}
	g.findTwins()
	g.useGivenRRs(c.rec)
}

// follows returns the states of the addresses that follow the pool.
func (g *poolState) follows() map[netip.Addr]healthcheck.State {
	states := make(map[netip.Addr]healthcheck.State)
	g.each(func(m *address) {
		if m.follows {
			states[m.addr] = m.state
		}
	})
	return states
}

// goOn lets an address follow its pool that did so before, if its checks are the
// same, and still cannot ask.
func (m *address) goOn(states map[netip.Addr]healthcheck.State) {
	state, followed := states[m.addr]
	if !followed {
		return
	}
	for k, l := range m.leases {
		if d := &m.doubts[k]; l.Inconclusive() {
			d.count, d.last, d.cause = d.most, time.Now(), "as before the reload"
		}
	}
	m.state, m.follows = state, m.doubtful()
}

// reorder returns the ranks that the pools of c had.
func (in snapshot) reorder(c *Tracker) []int {
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
