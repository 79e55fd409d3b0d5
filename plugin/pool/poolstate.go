package pool

import (
	"net/netip"
	"slices"
	"sync/atomic"
	"time"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/healthcheck"
)

// A poolState is a pool while it is being checked.
type poolState struct {
	cfg       *Pool
	endpoints []endpointState // as Pool.Endpoints
	replies   [2]*Reply       // of a pool of the next plugins: for A and AAAA, as they came
	rotation  *rotation       // of RoundRobin
	params    SvcParams

	up       bool      // it has enough healthy endpoints
	since    time.Time // when it came up last
	heldBack bool      // it was left because it was down, and is not to take over again yet
}

// A rotation counts the answers of RoundRobin, by family, and apart from them those
// that lead to the name.
type rotation struct{ a, linkedA, aaaa, linkedAAAA atomic.Uint64 }

// An endpointState is an endpoint while it is being checked.
type endpointState struct {
	addresses []*address
	pending   bool // nobody has said yet which addresses it has
}

func newPoolState(rec *Record, p *Pool) poolState {
	g := poolState{cfg: p, endpoints: make([]endpointState, len(p.Endpoints)), rotation: new(rotation), params: rec.svcParams(p)}
	for i := range p.Endpoints {
		e := &p.Endpoints[i]
		if e.Addr.IsValid() {
			g.endpoints[i].addresses = []*address{newAddress(rec, e, e.Addr)}
		} else {
			g.endpoints[i].pending = !e.Disabled
		}
	}
	return g
}

// each calls f for all addresses.
func (g *poolState) each(f func(*address)) {
	for i := range g.endpoints {
		for _, m := range g.endpoints[i].addresses {
			f(m)
		}
	}
}

// pick returns the addresses for which keep is true, each once.
func (g *poolState) pick(keep func(*address) bool) []*address {
	var ms []*address
	g.each(func(m *address) {
		if !m.twin && keep(m) {
			ms = append(ms, m)
		}
	})
	return ms
}

// count returns how many addresses there are, disabled ones included.
func (g *poolState) count() int {
	return len(g.pick(func(m *address) bool { return !m.gone }))
}

// findTwins marks the addresses that another endpoint of the pool has already: two
// host names may lead to one.
func (g *poolState) findTwins() {
	seen := make(map[netip.Addr]bool)
	g.each(func(m *address) {
		if m.twin = seen[m.addr]; !m.gone {
			seen[m.addr] = true
		}
	})
}

// hasQuorum reports whether enough addresses are healthy. A CNAME needs no address
// to answer with: one of which none is known yet, or of which the lookup fails, is
// unknown, and so healthy.
func (g *poolState) hasQuorum() bool {
	if g.cfg.CNAME && g.count() == 0 {
		return !g.cfg.Endpoints[0].Disabled
	}
	return len(g.pick((*address).healthy)) >= g.cfg.MinHealthy.of(g.count())
}

// pending reports whether the pool may have endpoints that are not known yet, and
// cannot answer without.
func (g *poolState) pending() bool {
	return !g.cfg.CNAME && slices.ContainsFunc(g.endpoints, func(s endpointState) bool { return s.pending })
}

// find returns the address addr of the endpoint, or nil.
func (s *endpointState) find(addr netip.Addr) *address {
	for _, m := range s.addresses {
		if m.addr == addr {
			return m
		}
	}
	return nil
}

// set returns what the pool answers with now; ttl is an index in address.rrs.
func (g *poolState) set(rec *Record, ttl int) *Set {
	s := &Set{Policy: g.cfg.Policy, Next: g.cfg.Next(), SvcParams: g.params}
	s.A.Rotation, s.A.LinkedRotation = &g.rotation.a, &g.rotation.linkedA
	s.AAAA.Rotation, s.AAAA.LinkedRotation = &g.rotation.aaaa, &g.rotation.linkedAAAA
	if g.cfg.CNAME {
		h := dns.RR_Header{Name: rec.Name, Rrtype: dns.TypeCNAME, Class: dns.ClassINET, Ttl: rec.ttls()[ttl]}
		s.CNAME = &dns.CNAME{Hdr: h, Target: g.cfg.Endpoints[0].Host}
		return s
	}
	healthy, all := g.pick((*address).healthy), g.pick((*address).enabled)
	if len(healthy)*100 < len(all)*g.cfg.Panic {
		healthy, s.Panic = all, true
	}
	s.fill(healthy, ttl)
	g.addReplies(rec, s, ttl)
	return s
}

// addReplies adds what the next plugins said to the set of a pool of theirs.
func (g *poolState) addReplies(rec *Record, s *Set, ttl int) {
	for i, f := range []*Family{&s.A, &s.AAAA} {
		if r := g.replies[i]; r != nil {
			f.Reply = r.capped(rec.ttls()[ttl])
			f.Whole = len(f.RRs) == len(r.Addrs)
		}
	}
}

// roundTrip is the median of those of the healthy addresses, or 0 if none is known.
func (g *poolState) roundTrip() time.Duration {
	var ds []time.Duration
	for _, m := range g.pick((*address).healthy) {
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
// that are awaited: an address of it is being decided.
func (g *poolState) movesNow() bool {
	return len(g.pick(func(m *address) bool { return m.enabled() && !m.settled() })) > 0
}

// mayComeUp reports whether the pool, which is down, would be up if all that are
// being decided were healthy.
func (g *poolState) mayComeUp() bool {
	hopeful := g.pick(func(m *address) bool { return m.enabled() && (m.state.Healthy() || !m.settled()) })
	return g.movesNow() && len(hopeful) >= g.cfg.MinHealthy.of(g.count())
}

// stateOf returns what is known of an address.
func (g *poolState) stateOf(addr netip.Addr) (healthcheck.State, bool) {
	for i := range g.endpoints {
		if m := g.endpoints[i].find(addr); m != nil && !m.cfg.Disabled {
			return m.state, true
		}
	}
	return healthcheck.Unknown, false
}

func (rec *Record) ttls() [2]uint32 { return [2]uint32{settledRR: rec.TTL, movingRR: rec.MinTTL} }
