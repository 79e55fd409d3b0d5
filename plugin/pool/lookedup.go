package pool

import (
	"fmt"
	"net/netip"
	"slices"
	"time"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/healthcheck"
)

// MaxAddrs is the highest number of addresses of one name that are checked.
const MaxAddrs = 256

// linger is how long an address of a name below a wildcard is still checked when
// answers no longer have it: the next answer may have it again.
const linger = 10 * time.Minute

// SetHost sets the addresses of the endpoint e of the pool p, which is a host name.
// Addresses that it had before keep their state. SetHost returns once the checks of
// removed addresses have ended.
func (t *Tracker) SetHost(p, e int, addrs []netip.Addr) {
	t.change(func() []*healthcheck.Lease {
		return t.setAddresses(p, e, addrs, t.rec.Pools[p].Endpoints[e].Host+" has changed")
	})
}

// Addrs returns the current addresses of the endpoint e of the pool p.
func (t *Tracker) Addrs(p, e int) (addrs []netip.Addr) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, a := range t.pools[p].endpoints[e].addresses {
		if !a.gone {
			addrs = append(addrs, a.addr)
		}
	}
	return addrs
}

// SetNext sets the replies of the next plugins for the pool p, which is theirs. A nil
// reply leaves that family as it was.
func (t *Tracker) SetNext(p int, v4, v6 *Reply) {
	t.change(func() []*healthcheck.Lease {
		ps := &t.pools[p]
		for i, r := range []*Reply{v4, v6} {
			if r != nil {
				ps.replies[i] = r
			}
		}
		return t.setAddresses(p, 0, ps.nextAddrs(), "the next plugins have changed their answer")
	})
}

// LookupFailed ends the wait for the first lookup of the endpoint e of the pool p. If the
// endpoint has addresses, it keeps them.
func (t *Tracker) LookupFailed(p, e int) {
	t.change(func() []*healthcheck.Lease {
		if s := &t.pools[p].endpoints[e]; s.pending {
			s.pending = false
			t.rebuild(fmt.Sprintf("pool %s cannot be looked up", t.rec.Pools[p].Name))
		}
		return nil
	})
}

// change calls f with the Tracker locked, then releases the leases that f returns without
// the lock: a release waits for probes, which may be waiting for the lock.
func (t *Tracker) change(f func() []*healthcheck.Lease) {
	t.mu.Lock()
	if t.stopped || t.reg == nil {
		t.mu.Unlock()
		return
	}
	idle, reg := f(), t.reg
	t.mu.Unlock()
	reg.Release(idle...)
}

// setAddresses makes addrs the addresses of an endpoint and replaces the View. It returns
// the leases that are no longer needed.
func (t *Tracker) setAddresses(p, e int, addrs []netip.Addr, why string) (idle []*healthcheck.Lease) {
	s, now := &t.pools[p].endpoints[e], t.clock.Now()
	old := s.addresses
	s.addresses, s.pending, s.lookedUp = nil, false, true
	for _, addr := range addrs[:min(len(addrs), MaxAddrs)] {
		i := slices.IndexFunc(old, func(a *address) bool { return a.addr == addr })
		var a *address
		if i >= 0 {
			a, old = old[i], slices.Delete(slices.Clone(old), i, i+1)
		} else {
			a = t.addAddress(p, e, addr, t.stateOf(addr))
		}
		a.seen, a.gone = now, false
		s.addresses = append(s.addresses, a)
	}
	idle = t.removeAddresses(p, s, old, now)
	t.forgetRecalled()
	t.pools[p].findTwins()
	t.pools[p].useGivenRRs(t.rec)
	t.pools[p].updateFollowers() // followers may depend on an address that came or went
	t.rebuild(why)
	return idle
}

// addAddress returns a new address of the endpoint e of the pool p, with its checks
// started.
func (t *Tracker) addAddress(p, e int, addr netip.Addr, inherited healthcheck.State) *address {
	a := newAddress(t.rec, &t.rec.Pools[p].Endpoints[e], addr)
	t.startChecks(p, a, inherited)
	return a
}

// removeAddresses returns the leases of the addresses old, which answers no longer have,
// or keeps the addresses for the time of linger.
func (t *Tracker) removeAddresses(p int, s *endpointState, old []*address, now time.Time) (idle []*healthcheck.Lease) {
	for _, a := range old {
		if t.lingers && now.Sub(a.seen) < linger && len(s.addresses) < MaxAddrs {
			a.gone = true
			s.addresses = append(s.addresses, a)
			continue
		}
		idle = append(idle, a.leases...)
		a.leases = nil
		if !slices.ContainsFunc(t.pools[p].pick((*address).enabled), func(o *address) bool { return o.name == a.name }) {
			t.observer.EndpointGone(p, a.name)
		}
	}
	return idle
}

// nextAddrs returns the addresses in the replies of the next plugins.
func (ps *poolState) nextAddrs() (addrs []netip.Addr) {
	for _, r := range ps.replies {
		for addr := range r.All() {
			addrs = append(addrs, addr)
		}
	}
	return addrs
}

// useGivenRRs makes answers carry the records of the next plugins for their addresses.
func (ps *poolState) useGivenRRs(rec *Record) {
	for _, r := range ps.replies {
		for addr, rr := range r.All() {
			if a := ps.endpoints[0].find(addr); a != nil {
				a.setRR(rec, rr)
			}
		}
	}
}

// WouldAnswer reports whether the pool p, whose addresses are not known yet, would answer
// if it had some.
func (t *Tracker) WouldAnswer(p int) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	pools := t.pools
	defer func() { t.pools = pools }()
	t.pools = slices.Clone(pools)
	t.pools[p].endpoints = slices.Clone(pools[p].endpoints)
	t.pools[p].endpoints[0].pending, t.pools[p].healthy = true, t.pools[p].order.action == ForceUp
	v := t.build()
	return v.Pool == p && v.Mode == Next
}

// UncheckedView returns the View of a name below a wildcard whose addresses in the pool p,
// which are those of the reply r, are not checked.
func UncheckedView(rec *Record, name string, p int, r *Reply) *View {
	one := *rec
	one.Name = name
	ps := newPoolState(&one, &one.Pools[p])
	i := 0
	if len(r.Addrs) > 0 && r.Addrs[0].Header().Rrtype == dns.TypeAAAA {
		i = 1
	}
	ps.replies[i] = r
	for _, addr := range ps.nextAddrs() {
		ps.endpoints[0].addresses = append(ps.endpoints[0].addresses, newAddress(&one, &ps.cfg.Endpoints[0], addr))
	}
	ps.useGivenRRs(&one)
	v := &View{Pool: p, State: OK, TTL: rec.MinTTL, By: ByMinHealthy, Ranked: []int{p}, Sets: make([]*Set, len(rec.Pools))}
	v.Sets[p] = ps.set(&one, movingRR)
	return v
}
