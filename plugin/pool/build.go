package pool

import (
	"slices"

	"github.com/miekg/dns"
)

// build returns the View of the states as they are. Its caller holds c.mu, or is
// the only one who knows c.
func (c *Chain) build() *View {
	partly := None // the first pool with any healthy endpoint
	for p := range c.members {
		healthy := c.pick(p, (*member).healthy)
		switch {
		case len(healthy) >= c.rec.Pools[p].MinHealthy:
			return newView(p, stateAt(p), c.rec.Pools[p].Policy, healthy)
		case len(healthy) > 0 && partly == None:
			partly = p
		}
	}
	if partly != None {
		return newView(partly, Degraded, c.rec.Pools[partly].Policy, c.pick(partly, (*member).healthy))
	}
	return c.allDown()
}

// stateAt is the state of a record whose healthy pool p answers.
func stateAt(p int) State {
	if p == 0 {
		return OK
	}
	return FailedOver
}

// allDown returns the View while no endpoint is healthy. Pools of which every
// endpoint is disabled do not count as the first.
func (c *Chain) allDown() *View {
	var serve []dns.RR
	switch a := c.rec.AllDown; a.Kind {
	case AllDownServFail:
		return &View{Pool: None, State: Degraded, Do: ServFail}
	case AllDownNext:
		return &View{Pool: None, State: Degraded, Do: Next}
	case AllDownNoData:
	case AllDownPool:
		serve = c.pick(a.Pool, (*member).enabled)
	case AllDownAll:
		serve = c.everyEndpoint()
	default:
		for p := 0; p < len(c.members) && len(serve) == 0; p++ {
			serve = c.pick(p, (*member).enabled)
		}
	}
	return newView(None, Degraded, Policy{Kind: All}, serve)
}

// everyEndpoint returns the addresses of all pools, once each.
func (c *Chain) everyEndpoint() []dns.RR {
	var all []dns.RR
	for p := range c.members {
		for _, rr := range c.pick(p, (*member).enabled) {
			if !slices.ContainsFunc(all, func(o dns.RR) bool { return dns.IsDuplicate(o, rr) }) {
				all = append(all, rr)
			}
		}
	}
	return all
}

// pick returns the addresses of those members of a pool for which keep is true.
func (c *Chain) pick(p int, keep func(*member) bool) []dns.RR {
	var rrs []dns.RR
	for i := range c.members[p] {
		if m := &c.members[p][i]; keep(m) {
			rrs = append(rrs, m.rr)
		}
	}
	return rrs
}

func newView(p int, s State, policy Policy, rrs []dns.RR) *View {
	v := &View{Pool: p, State: s, Policy: policy}
	for _, rr := range rrs {
		if rr.Header().Rrtype == dns.TypeA {
			v.A = append(v.A, rr)
		} else {
			v.AAAA = append(v.AAAA, rr)
		}
	}
	return v
}
