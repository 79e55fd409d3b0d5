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
func (c *Tracker) SetHost(p, e int, addrs []netip.Addr) {
	c.change(func() []*healthcheck.Lease {
		return c.replace(p, e, addrs, c.rec.Pools[p].Endpoints[e].Host+" has changed")
	})
}

// Addrs returns the addresses that the endpoint e of the pool p has now.
func (c *Tracker) Addrs(p, e int) (addrs []netip.Addr) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, m := range c.pools[p].endpoints[e].addresses {
		if !m.gone {
			addrs = append(addrs, m.addr)
		}
	}
	return addrs
}

// SetNext says what the next plugins say of the pool p, which is theirs; nil
// for a family leaves it as it was.
func (c *Tracker) SetNext(p int, v4, v6 *Reply) {
	c.change(func() []*healthcheck.Lease {
		g := &c.pools[p]
		for i, r := range []*Reply{v4, v6} {
			if r != nil {
				g.replies[i] = r
			}
		}
		return c.replace(p, 0, g.addrs(), "the plugins behind have changed their answer")
	})
}

// LookupFailed says that nobody can tell which addresses an endpoint has. What was
// known of it stays; nothing waits for it any longer.
func (c *Tracker) LookupFailed(p, e int) {
	c.change(func() []*healthcheck.Lease {
		if s := &c.pools[p].endpoints[e]; s.pending {
			s.pending = false
			c.rebuild(fmt.Sprintf("pool %s cannot be looked up", c.rec.Pools[p].Name))
		}
		return nil
	})
}

// change runs f with c locked, and gives back afterwards the leases that are no
// longer needed: that waits for probes, which may be telling c something.
func (c *Tracker) change(f func() []*healthcheck.Lease) {
	c.mu.Lock()
	if c.stopped || c.reg == nil {
		c.mu.Unlock()
		return
	}
	idle, reg := f(), c.reg
	c.mu.Unlock()
	reg.Release(idle...)
}

// replace makes addrs the addresses of an endpoint.
func (c *Tracker) replace(p, e int, addrs []netip.Addr, why string) (idle []*healthcheck.Lease) {
	s, now := &c.pools[p].endpoints[e], c.clock.Now()
	old := s.addresses
	s.addresses, s.pending = nil, false
	for _, addr := range addrs[:min(len(addrs), MaxAddrs)] {
		i := slices.IndexFunc(old, func(m *address) bool { return m.addr == addr })
		var m *address
		if i >= 0 {
			m, old = old[i], slices.Delete(slices.Clone(old), i, i+1)
		} else {
			m = c.join(p, e, addr, c.stateOf(addr))
		}
		m.seen, m.gone = now, false
		s.addresses = append(s.addresses, m)
	}
	idle = c.leave(p, s, old, now)
	c.pools[p].findTwins()
	c.pools[p].useGivenRRs(c.rec)
	c.pools[p].follow() // an address that joins or leaves may be followed
	c.rebuild(why)
	return idle
}

// join adds an address, and has it checked.
func (c *Tracker) join(p, e int, addr netip.Addr, inherited healthcheck.State) *address {
	m := newAddress(c.rec, &c.rec.Pools[p].Endpoints[e], addr)
	c.check(p, m, inherited)
	return m
}

// leave lets addresses go, or linger.
func (c *Tracker) leave(p int, s *endpointState, old []*address, now time.Time) (idle []*healthcheck.Lease) {
	for _, m := range old {
		if c.lingers && now.Sub(m.seen) < linger && len(s.addresses) < MaxAddrs {
			m.gone = true
			s.addresses = append(s.addresses, m)
			continue
		}
		idle = append(idle, m.leases...)
		m.leases = nil
		if !slices.ContainsFunc(c.pools[p].pick((*address).enabled), func(o *address) bool { return o.name == m.name }) {
			c.observer.EndpointGone(p, m.name)
		}
	}
	return idle
}

// addrs returns the addresses that the next plugins gave.
func (g *poolState) addrs() (addrs []netip.Addr) {
	for _, r := range g.replies {
		for a := range r.All() {
			addrs = append(addrs, a)
		}
	}
	return addrs
}

// useGivenRRs lets the addresses that the next plugins gave answer with the records
// that these gave.
func (g *poolState) useGivenRRs(rec *Record) {
	for _, r := range g.replies {
		for a, rr := range r.All() {
			if m := g.endpoints[0].find(a); m != nil {
				m.setRR(rec, rr)
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
	g := newPoolState(&one, &one.Pools[p])
	i := 0
	if len(r.Addrs) > 0 && r.Addrs[0].Header().Rrtype == dns.TypeAAAA {
		i = 1
	}
	g.replies[i] = r
	for _, addr := range g.addrs() {
		g.endpoints[0].addresses = append(g.endpoints[0].addresses, newAddress(&one, &g.cfg.Endpoints[0], addr))
	}
	g.useGivenRRs(&one)
	v := &View{Pool: p, State: OK, TTL: rec.MinTTL, By: ByMinHealthy, Ranked: []int{p}, Sets: make([]*Set, len(rec.Pools))}
	v.Sets[p] = g.set(&one, movingRR)
	return v
}
