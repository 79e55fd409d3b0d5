package pool

import (
	"fmt"
	"net/netip"
	"slices"
	"time"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/healthcheck"
)

// MaxAddrs is how many addresses of one name are asked at most.
const MaxAddrs = 256

// linger is how long an address below a wildcard is still checked that is in no
// answer any more: the next answer may have it again.
const linger = 10 * time.Minute

// SetHost says which addresses the endpoint e of the pool p has, which is a host
// name. Addresses that stay keep their state. It returns once those that are
// gone are no longer asked.
func (t *Tracker) SetHost(p, e int, addrs []netip.Addr) {
	t.change(func() []*healthcheck.Lease {
		return t.setAddresses(p, e, addrs, t.rec.Pools[p].Endpoints[e].Host+" has changed")
	})
}

// Addrs returns the addresses that the endpoint e of the pool p has now.
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

// SetNext says what the next plugins say of the pool p, which is theirs; nil
// for a family leaves it as it was.
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

// LookupFailed says that nobody can tell which addresses an endpoint has. What was
// known of it stays; nothing waits for it any longer.
func (t *Tracker) LookupFailed(p, e int) {
	t.change(func() []*healthcheck.Lease {
		if s := &t.pools[p].endpoints[e]; s.pending {
			s.pending = false
			t.rebuild(fmt.Sprintf("pool %s cannot be looked up", t.rec.Pools[p].Name))
		}
		return nil
	})
}

// change runs f with c locked, and gives back afterwards the leases that are no
// longer needed: that waits for probes, which may be telling c something.
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

// replace makes addrs the addresses of an endpoint.
func (t *Tracker) setAddresses(p, e int, addrs []netip.Addr, why string) (idle []*healthcheck.Lease) {
	s, now := &t.pools[p].endpoints[e], t.clock.Now()
	old := s.addresses
	s.addresses, s.pending = nil, false
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
	t.pools[p].findTwins()
	t.pools[p].useGivenRRs(t.rec)
	t.pools[p].updateFollowers() // an address that joins or leaves may be followed
	t.rebuild(why)
	return idle
}

// join adds an address, and has it checked.
func (t *Tracker) addAddress(p, e int, addr netip.Addr, inherited healthcheck.State) *address {
	a := newAddress(t.rec, &t.rec.Pools[p].Endpoints[e], addr)
	t.startChecks(p, a, inherited)
	return a
}

// leave lets addresses go, or linger.
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

// addrs returns the addresses that the next plugins gave.
func (ps *poolState) nextAddrs() (addrs []netip.Addr) {
	for _, r := range ps.replies {
		for addr := range r.All() {
			addrs = append(addrs, addr)
		}
	}
	return addrs
}

// useGivenRRs lets the addresses that the next plugins gave answer with the records
// that these gave.
func (ps *poolState) useGivenRRs(rec *Record) {
	for _, r := range ps.replies {
		for addr, rr := range r.All() {
			if a := ps.endpoints[0].find(addr); a != nil {
				a.setRR(rec, rr)
			}
		}
	}
}

// UncheckedView returns the View of a name that a wildcard covers and that the
// next plugins give addresses in the pool p, if nothing is known of these and
// nothing is to become known.
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
