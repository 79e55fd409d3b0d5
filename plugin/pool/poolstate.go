package pool

import (
	"net/netip"
	"slices"
	"sync/atomic"
	"time"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/healthcheck"
)

// A group is a pool while it is being checked.
type group struct {
	cfg     *Pool
	slots   []slot    // as Pool.Endpoints
	replies [2]*Reply // of a pool from behind: for A and AAAA, as they came
	turns   *turns    // of RoundRobin
	params  SvcParams

	up    bool      // it has enough healthy endpoints
	since time.Time // when it came up last
	held  bool      // it was left because it was down, and is not to take over again yet
}

// Turns are those of a Family, for A and for AAAA.
type turns [4]atomic.Uint64

// A slot is an endpoint while it is being checked.
type slot struct {
	members []*member
	pending bool // nobody has said yet which addresses it has
}

func newGroup(rec *Record, p *Pool) group {
	g := group{cfg: p, slots: make([]slot, len(p.Endpoints)), turns: new(turns), params: rec.svcParams(p)}
	for i := range p.Endpoints {
		e := &p.Endpoints[i]
		if e.Addr.IsValid() {
			g.slots[i].members = []*member{newMember(rec, e, e.Addr)}
		} else {
			g.slots[i].pending = !e.Disabled
		}
	}
	return g
}

// each calls f for all members.
func (g *group) each(f func(*member)) {
	for i := range g.slots {
		for _, m := range g.slots[i].members {
			f(m)
		}
	}
}

// pick returns the members for which keep is true, each address once.
func (g *group) pick(keep func(*member) bool) []*member {
	var ms []*member
	g.each(func(m *member) {
		if !m.twin && keep(m) {
			ms = append(ms, m)
		}
	})
	return ms
}

// count returns how many members there are, disabled ones included.
func (g *group) count() int {
	return len(g.pick(func(m *member) bool { return !m.gone }))
}

// findTwins tells members apart from those that have the same address: two host
// names may.
func (g *group) findTwins() {
	seen := make(map[netip.Addr]bool)
	g.each(func(m *member) {
		if m.twin = seen[m.addr]; !m.gone {
			seen[m.addr] = true
		}
	})
}

// hasQuorum reports whether enough members are healthy. An alias needs no address
// to answer with: one of which none is known yet, or of which the lookup fails, is
// unknown, and so healthy.
func (g *group) hasQuorum() bool {
	if g.cfg.CNAME && g.count() == 0 {
		return !g.cfg.Endpoints[0].Disabled
	}
	return len(g.pick((*member).healthy)) >= g.cfg.MinHealthy.of(g.count())
}

// pending reports whether the pool may have endpoints that are not known yet, and
// cannot answer without.
func (g *group) pending() bool {
	return !g.cfg.CNAME && slices.ContainsFunc(g.slots, func(s slot) bool { return s.pending })
}

// find returns the member of an address in a slot, or nil.
func (s *slot) find(addr netip.Addr) *member {
	for _, m := range s.members {
		if m.addr == addr {
			return m
		}
	}
	return nil
}

// set returns what the pool answers with now; ttl is an index in member.rrs.
func (g *group) set(rec *Record, ttl int) *Set {
	s := &Set{Policy: g.cfg.Policy, Next: g.cfg.Next(), SvcParams: g.params}
	s.A.Turn, s.A.LinkedTurn = &g.turns[0], &g.turns[1]
	s.AAAA.Turn, s.AAAA.LinkedTurn = &g.turns[2], &g.turns[3]
	if g.cfg.CNAME {
		h := dns.RR_Header{Name: rec.Name, Rrtype: dns.TypeCNAME, Class: dns.ClassINET, Ttl: rec.ttls()[ttl]}
		s.CNAME = &dns.CNAME{Hdr: h, Target: g.cfg.Endpoints[0].Host}
		return s
	}
	healthy, all := g.pick((*member).healthy), g.pick((*member).enabled)
	if len(healthy)*100 < len(all)*g.cfg.Panic {
		healthy, s.Panic = all, true
	}
	s.fill(healthy, ttl)
	g.addReplies(rec, s, ttl)
	return s
}

// addReplies adds what the plugins behind said to the set of a pool of theirs.
func (g *group) addReplies(rec *Record, s *Set, ttl int) {
	for i, f := range []*Family{&s.A, &s.AAAA} {
		if r := g.replies[i]; r != nil {
			f.Reply = r.capped(rec.ttls()[ttl])
			f.Whole = len(f.RRs) == len(r.Addrs)
		}
	}
}

// roundTrip is the median of those of the healthy members, or 0 if none is known.
func (g *group) roundTrip() time.Duration {
	var ds []time.Duration
	for _, m := range g.pick((*member).healthy) {
		if d := m.roundTrip(); d > 0 {
			ds = append(ds, d)
		}
	}
	if len(ds) == 0 {
		return 0
	}
	slices.Sort(ds)
	return (ds[(len(ds)-1)/2] + ds[len(ds)/2]) / 2
}

// movesNow reports whether an answer of the pool could change with the results
// that are awaited: a member of it is being decided.
func (g *group) movesNow() bool {
	return len(g.pick(func(m *member) bool { return m.enabled() && !m.settled() })) > 0
}

// mayComeUp reports whether the pool, which is down, would be up if all that are
// being decided were healthy.
func (g *group) mayComeUp() bool {
	hopeful := g.pick(func(m *member) bool { return m.enabled() && (m.state.Healthy() || !m.settled()) })
	return g.movesNow() && len(hopeful) >= g.cfg.MinHealthy.of(g.count())
}

// stateOf returns what is known of an address.
func (g *group) stateOf(addr netip.Addr) (healthcheck.State, bool) {
	for i := range g.slots {
		if m := g.slots[i].find(addr); m != nil && !m.cfg.Disabled {
			return m.state, true
		}
	}
	return healthcheck.Unknown, false
}

func (rec *Record) ttls() [2]uint32 { return [2]uint32{settledRR: rec.TTL, movingRR: rec.MinTTL} }
