package pool

import (
	"net/netip"
	"slices"
	"sync/atomic"
	"time"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/healthcheck"
)

// A poolState is the state of a pool.
type poolState struct {
	cfg       *Pool
	endpoints []endpointState // as Pool.Endpoints
	replies   [2]*Reply       // of the next plugins, for A and AAAA, if it is their pool
	rotation  *rotation       // of RoundRobin, else nil
	params    SvcParams

	healthy  bool      // by what the operator says, else by its healthy endpoints
	order    *order    // the operator's word
	since    time.Time // when it became healthy last
	heldBack bool      // it was left because it was down, and is not to take over again yet
	wasDown  bool      // it was down in an earlier process, and waits for a lookup
}

// A rotation counts the answers of RoundRobin by family, and separately the answers
// that lead to the name.
type rotation struct{ a, linkedA, aaaa, linkedAAAA atomic.Uint64 }

// An endpointState is the state of an endpoint.
type endpointState struct {
	addresses []*address
	pending   bool // its first lookup has not ended
	lookedUp  bool // a lookup has succeeded
}

func newPoolState(rec *Record, p *Pool) poolState {
	ps := poolState{cfg: p, endpoints: make([]endpointState, len(p.Endpoints)), params: rec.svcParams(p), order: noOrder}
	if p.Policy.Kind == RoundRobin {
		ps.rotation = new(rotation)
	}
	for i := range p.Endpoints {
		e := &p.Endpoints[i]
		if e.Addr.IsValid() {
			ps.endpoints[i].addresses = []*address{newAddress(rec, e, e.Addr)}
		} else {
			ps.endpoints[i].pending = !e.Disabled
		}
	}
	return ps
}

// each calls f for all addresses.
func (ps *poolState) each(f func(*address)) {
	for i := range ps.endpoints {
		for _, a := range ps.endpoints[i].addresses {
			f(a)
		}
	}
}

// pick returns the addresses for which keep is true, each once.
func (ps *poolState) pick(keep func(*address) bool) []*address {
	var addresses []*address
	ps.each(func(a *address) {
		if !a.twin && keep(a) {
			addresses = append(addresses, a)
		}
	})
	return addresses
}

// count returns the number of addresses, with those of disabled endpoints.
func (ps *poolState) count() int {
	return len(ps.pick(func(a *address) bool { return !a.gone }))
}

// findTwins marks the addresses that an earlier endpoint of the pool has as well: two
// host names may have the same address.
func (ps *poolState) findTwins() {
	seen := make(map[netip.Addr]bool)
	ps.each(func(a *address) {
		if a.twin = seen[a.addr]; !a.gone {
			seen[a.addr] = true
		}
	})
}

// hasQuorum reports whether enough addresses are healthy (min_healthy). A pool that answers
// with a CNAME needs no address: while none is known, it is unknown and so healthy.
func (ps *poolState) hasQuorum(healthy func(*address) bool) bool {
	if ps.cfg.CNAME && ps.count() == 0 {
		return !ps.cfg.Endpoints[0].Disabled && !ps.wasDown
	}
	return len(ps.pick(healthy)) >= ps.cfg.MinHealthy.of(ps.count())
}

// pending reports whether the pool cannot answer before a first lookup has ended. One that
// was down before a restart is down until then.
func (ps *poolState) pending() bool {
	return !ps.cfg.CNAME && !ps.wasDown && slices.ContainsFunc(ps.endpoints, func(s endpointState) bool { return s.pending })
}

// find returns the address addr of the endpoint, or nil.
func (s *endpointState) find(addr netip.Addr) *address {
	for _, a := range s.addresses {
		if a.addr == addr {
			return a
		}
	}
	return nil
}

// set returns what the pool answers with now. ttl is an index in address.rrs.
func (ps *poolState) set(rec *Record, ttl int) *Set {
	s := &Set{Policy: ps.cfg.Policy, Next: ps.cfg.Next(), SvcParams: ps.params}
	s.setRotation(ps.rotation)
	if ps.cfg.CNAME {
		s.CNAME = rec.cname(ps.cfg.Endpoints[0].Host, rec.ttls()[ttl])
		return s
	}
	healthy, all := ps.pick((*address).healthy), ps.pick((*address).usable)
	s.Panic = len(healthy)*100 < len(ps.pick((*address).enabled))*ps.cfg.Panic
	if s.Panic || len(healthy) == 0 {
		healthy = all
	}
	s.fill(undrained(healthy), ttl)
	ps.addReplies(rec, s, ttl)
	return s
}

// cname returns a CNAME of the record.
func (rec *Record) cname(target string, ttl uint32) dns.RR {
	h := dns.RR_Header{Name: rec.Name, Rrtype: dns.TypeCNAME, Class: dns.ClassINET, Ttl: ttl}
	return &dns.CNAME{Hdr: h, Target: target}
}

// addReplies adds the replies of the next plugins to s, if it is their pool.
func (ps *poolState) addReplies(rec *Record, s *Set, ttl int) {
	for i, f := range []*Family{&s.A, &s.AAAA} {
		if r := ps.replies[i]; r != nil {
			f.Reply = r.capped(rec.ttls()[ttl])
			f.Whole = len(f.RRs) == len(r.Addrs)
		}
	}
}

// roundTrip returns the median round trip of the healthy addresses, or 0 if none is
// known.
func (ps *poolState) roundTrip() time.Duration {
	var ds []time.Duration
	for _, a := range ps.pick((*address).healthy) {
		if d := a.roundTrip(); d > 0 {
			ds = append(ds, d)
		}
	}
	if len(ds) == 0 {
		return 0
	}
	slices.Sort(ds)
	return (ds[(len(ds)-1)/2] + ds[len(ds)/2]) / 2
}

// unsettled reports whether awaited results could change the answer of the pool,
// because an address of it is not settled.
func (ps *poolState) unsettled() bool {
	return ps.order.action != ForceDown && len(ps.pick(func(a *address) bool { return a.enabled() && !a.settled() })) > 0
}

// mayComeUp reports whether the pool, which is down, would be up if all addresses that
// are not settled were healthy.
func (ps *poolState) mayComeUp() bool {
	if ps.wasDown {
		return true
	}
	hopeful := ps.pick(func(a *address) bool { return a.enabled() && (a.decided().Healthy() || !a.settled()) })
	return ps.unsettled() && len(hopeful) >= ps.cfg.MinHealthy.of(ps.count())
}

// stateOf returns the state of an address, and whether the pool has it.
func (ps *poolState) stateOf(addr netip.Addr) (healthcheck.State, bool) {
	for i := range ps.endpoints {
		if a := ps.endpoints[i].find(addr); a != nil && !a.cfg.Disabled {
			return a.state, true
		}
	}
	return healthcheck.Unknown, false
}

func (rec *Record) ttls() [2]uint32 { return [2]uint32{settledRR: rec.TTL, movingRR: rec.MinTTL} }
