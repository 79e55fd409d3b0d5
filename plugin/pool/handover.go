package pool

import (
	"cmp"
	"net/netip"
	"slices"
	"time"

	"github.com/coredns-failover/failover/healthcheck"
)

// A snapshot is what the next Tracker of a record takes over in a reload. The zero value
// is that of a record without one before.
type snapshot struct {
	states map[netip.Addr]healthcheck.State
	hosts  map[string][]netip.Addr // by host name; empty if it cannot be looked up
	pools  map[string]poolSnapshot // by name

	recalled *Recalled // of an earlier process; nil if that is nothing
}

// A poolSnapshot is the part of a snapshot that is about one pool.
type poolSnapshot struct {
	rank     int
	heldBack bool
	wasDown  bool      // before its first lookup, by what an earlier process knew
	since    time.Time // zero if it was down
	next     bool      // its first lookup at the next plugins has ended
	replies  [2]*Reply // of the next plugins
	rotation *rotation
	follows  map[netip.Addr]healthcheck.State // of the addresses that follow the pool
}

// snapshot returns what the next Tracker takes over.
func (t *Tracker) snapshot() snapshot {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := snapshot{
		states: make(map[netip.Addr]healthcheck.State),
		hosts:  make(map[string][]netip.Addr),
		pools:  make(map[string]poolSnapshot),

		recalled: t.recalled,
	}
	for p := range t.pools {
		ps := &t.pools[p]
		was := poolSnapshot{rank: slices.Index(t.order, p), heldBack: ps.heldBack, wasDown: ps.wasDown, replies: ps.replies, rotation: ps.rotation, follows: ps.followers()}
		was.next = ps.cfg.Next() && !ps.endpoints[0].pending
		if ps.healthy {
			was.since = ps.since
		}
		s.pools[ps.cfg.Name] = was
		for i := range ps.endpoints {
			s.addEndpoint(&ps.cfg.Endpoints[i], &ps.endpoints[i])
		}
	}
	return s
}

func (s snapshot) addEndpoint(e *Endpoint, es *endpointState) {
	addrs := s.hosts[e.Host]
	for _, a := range es.addresses {
		if _, known := s.states[a.addr]; !known && !e.Disabled {
			s.states[a.addr] = a.state
		}
		if !a.gone && !slices.Contains(addrs, a.addr) {
			addrs = append(addrs, a.addr)
		}
	}
	if e.Host != "" && !e.Disabled && !es.pending {
		s.hosts[e.Host] = addrs
	}
}

// stateOf returns the state of an address, or Unknown.
func (s snapshot) stateOf(addr netip.Addr, now time.Time) healthcheck.State {
	if state, ok := s.states[addr]; ok {
		return state
	}
	return s.recalled.stateOf(addr, now)
}

// restore sets the state of the pool p to that in s.
func (t *Tracker) restore(p int, s snapshot) {
	ps := &t.pools[p]
	was, ok := s.pools[ps.cfg.Name]
	if ok {
		ps.heldBack, ps.since = was.heldBack && t.rec.Failback.Hold, was.since
		ps.wasDown = was.wasDown
		if ps.rotation != nil {
			ps.rotation = cmp.Or(was.rotation, ps.rotation)
		}
	}
	for e := range ps.endpoints {
		end := &ps.cfg.Endpoints[e]
		addrs, known := s.hosts[end.Host]
		if end.Next && was.next {
			ps.replies = was.replies
			addrs, known = ps.nextAddrs(), true
		}
		if end.Addr.IsValid() || end.Disabled || !known {
			continue
		}
		ps.endpoints[e].pending, ps.endpoints[e].lookedUp = false, len(addrs) > 0
		for _, addr := range addrs {
			a := newAddress(t.rec, end, addr)
			a.seen = t.clock.Now()
			ps.endpoints[e].addresses = append(ps.endpoints[e].addresses, a)
		}
	}
	ps.findTwins()
	ps.useGivenRRs(t.rec)
}

// followers returns the states of the addresses that follow the pool.
func (ps *poolState) followers() map[netip.Addr]healthcheck.State {
	states := make(map[netip.Addr]healthcheck.State)
	ps.each(func(a *address) {
		if a.follows {
			states[a.addr] = a.state
		}
	})
	return states
}

// resumeFollowing makes an address follow its pool with the state in states, if it is
// there and results of its checks are still inconclusive.
func (a *address) resumeFollowing(states map[netip.Addr]healthcheck.State, now time.Time) {
	state, followed := states[a.addr]
	if !followed {
		return
	}
	for k, l := range a.leases {
		if s := a.streak(k); l.Inconclusive() {
			s.count, s.last, s.cause = s.limit, now, "as before the reload"
		}
	}
	a.state, a.follows = state, a.inconclusive()
}

// restoreOrder returns the pools of t in the rank that they had, which latency decided.
func (s snapshot) restoreOrder(t *Tracker) []int {
	if t.rec.Steer.Kind != SteerLatency {
		return t.order
	}
	rank := func(p int) int {
		if was, ok := s.pools[t.rec.Pools[p].Name]; ok {
			return was.rank
		}
		return p
	}
	return slices.SortedStableFunc(slices.Values(t.order), func(a, b int) int { return cmp.Compare(rank(a), rank(b)) })
}
