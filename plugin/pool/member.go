package pool

import (
	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/healthcheck"
)

// A member is an endpoint of a pool while it is being checked.
type member struct {
	cfg    *Endpoint
	rr     dns.RR // its address, shared by every View and answer
	leases []*healthcheck.Lease
	state  healthcheck.State
}

func newMembers(rec *Record, p *Pool) []member {
	ms := make([]member, len(p.Endpoints))
	for i := range p.Endpoints {
		e := &p.Endpoints[i]
		ms[i] = member{cfg: e, rr: newRR(rec, e)}
	}
	return ms
}

func newRR(rec *Record, e *Endpoint) dns.RR {
	h := dns.RR_Header{Name: rec.Name, Class: dns.ClassINET, Ttl: rec.TTL}
	if e.Addr.Is4() {
		h.Rrtype = dns.TypeA
		return &dns.A{Hdr: h, A: e.Addr.AsSlice()}
	}
	h.Rrtype = dns.TypeAAAA
	return &dns.AAAA{Hdr: h, AAAA: e.Addr.AsSlice()}
}

func (m *member) acquire(reg *healthcheck.Registry, inherited healthcheck.State, changed func(healthcheck.Transition)) {
	for _, k := range m.cfg.Checks {
		m.leases = append(m.leases, reg.Acquire(k, inherited, changed))
	}
}

// judge returns the state of the endpoint by what its checks say now: up once
// as many are up as are required, down once too few can be. One without checks
// is up.
func (m *member) judge() healthcheck.State {
	up, down := 0, 0
	for _, l := range m.leases {
		switch l.State() {
		case healthcheck.Up:
			up++
		case healthcheck.Down:
			down++
		}
	}
	switch {
	case len(m.leases) == 0, up >= m.cfg.Require:
		return healthcheck.Up
	case len(m.leases)-down < m.cfg.Require:
		return healthcheck.Down
	default:
		return healthcheck.Unknown
	}
}

func (m *member) enabled() bool { return !m.cfg.Disabled }
func (m *member) healthy() bool { return m.enabled() && m.state.Healthy() }
