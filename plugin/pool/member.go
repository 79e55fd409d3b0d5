package pool

import (
	"net/netip"
	"slices"
	"time"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/healthcheck"
)

// A member is one address of a pool while it is being checked.
type member struct {
	cfg    *Endpoint
	addr   netip.Addr
	name   string // in logs and metrics
	rrs    [2]dns.RR
	leases []*healthcheck.Lease
	state  healthcheck.State
	seen   time.Time // when it was last among the addresses of its endpoint
	gone   bool      // it is not now, but is still checked
	twin   bool      // another endpoint of the pool has the same address
}

// Of the records of a member, which all Views and answers share.
const (
	settledRR = iota // with Record.TTL
	movingRR         // with Record.MinTTL
)

func newMember(rec *Record, e *Endpoint, addr netip.Addr) *member {
	m := &member{cfg: e, addr: addr, name: e.Name}
	switch {
	case m.name == "":
		m.name = addr.String()
	case e.Host != "" || e.Next:
		m.name += "/" + addr.String()
	}
	m.setRR(rec, newRR(rec, addr))
	return m
}

func newRR(rec *Record, addr netip.Addr) dns.RR {
	h := dns.RR_Header{Name: rec.Name, Class: dns.ClassINET, Ttl: rec.TTL}
	if addr.Is4() {
		h.Rrtype = dns.TypeA
		return &dns.A{Hdr: h, A: addr.AsSlice()}
	}
	h.Rrtype = dns.TypeAAAA
	return &dns.AAAA{Hdr: h, AAAA: addr.AsSlice()}
}

// setRR makes the answers for the member carry rr, with the TTL of the record at
// most.
func (m *member) setRR(rec *Record, rr dns.RR) {
	m.rrs[settledRR] = capped(rr, rec.TTL)
	m.rrs[movingRR] = capped(rr, rec.MinTTL)
}

func capped(rr dns.RR, ttl uint32) dns.RR {
	if rr.Header().Ttl <= ttl {
		return rr
	}
	c := dns.Copy(rr)
	c.Header().Ttl = ttl
	return c
}

// acquire starts what is asked of the member.
func (m *member) acquire(reg *healthcheck.Registry, inherited healthcheck.State, changed func(healthcheck.Transition), probed func()) {
	for k := range m.cfg.ChecksOf(m.addr) {
		l := reg.Acquire(k, inherited, changed)
		if probed != nil {
			l.Probed(probed)
		}
		m.leases = append(m.leases, l)
	}
	m.state = m.judge()
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

// settled reports whether no result speaks against the state.
func (m *member) settled() bool {
	return !slices.ContainsFunc(m.leases, func(l *healthcheck.Lease) bool { return !l.Settled() })
}

// roundTrip is that of the checks together, or 0 if it is not known.
func (m *member) roundTrip() time.Duration {
	var sum, n time.Duration
	for _, l := range m.leases {
		if d := l.RoundTrip(); d > 0 {
			sum, n = sum+d, n+1
		}
	}
	if n == 0 {
		return 0
	}
	return sum / n
}

func (m *member) enabled() bool { return !m.cfg.Disabled && !m.gone }
func (m *member) healthy() bool { return m.enabled() && m.state.Healthy() }

// id tells the member from others, and is the same for an address in every
// server and at all times: FNV-1a, of which the bits are mixed (as MurmurHash3
// does at the end), since addresses differ in the last octet alone.
func (m *member) id() uint64 {
	h := uint64(14695981039346656037)
	for _, octet := range m.addr.AsSlice() {
		h = (h ^ uint64(octet)) * 1099511628211
	}
	h = (h ^ h>>33) * 0xff51afd7ed558ccd
	h = (h ^ h>>33) * 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}
