package pool

import (
	"net/netip"
	"slices"
	"time"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/plugin/rr"
)

// An address is one of a pool while it is being checked. The Corefile, a host name or
// the next plugins gave it.
type address struct {
	cfg    *Endpoint
	addr   netip.Addr
	name   string // in logs and metrics
	rrs    [2]dns.RR
	leases []*healthcheck.Lease
	doubts []doubt           // as leases
	state  healthcheck.State // as which it counts
	shown  healthcheck.State // the same, but Unknown while it cannot be asked

	follows bool      // it counts as others of the pool do
	seen    time.Time // when it was last among the addresses of its endpoint
	gone    bool      // it is not now, but is still checked
	twin    bool      // another endpoint of the pool has the same address
}

// The indices of the records of an address. All Views and answers share these records.
const (
	settledRR = iota // with Record.TTL
	movingRR         // with Record.MinTTL
)

func newAddress(rec *Record, e *Endpoint, addr netip.Addr) *address {
	m := &address{cfg: e, addr: addr, name: e.Name}
	switch {
	case m.name == "":
		m.name = addr.String()
	case e.Host != "" || e.Next:
		m.name += "/" + addr.String()
	}
	m.setRR(rec, rr.NewAddress(rec.Name, addr, rec.TTL))
	return m
}

// setRR makes the answers for the address carry address, with the TTL of the record at
// most.
func (m *address) setRR(rec *Record, address dns.RR) {
	m.rrs[settledRR] = rr.CapTTL(address, rec.TTL)
	m.rrs[movingRR] = rr.CapTTL(address, rec.MinTTL)
}

// acquire starts the checks of the address. changed is told of the transitions
// of each of its checks, by index, and doubted of its doubts (Lease.OnDoubt).
func (m *address) acquire(reg *healthcheck.Registry, inherited healthcheck.State,
	changed func(k int, t healthcheck.Transition), doubted func(k int, cause string), probed func(),
) {
	for key := range m.cfg.ChecksOf(m.addr) {
		k := len(m.leases)
		l := reg.Acquire(key, inherited, func(t healthcheck.Transition) { changed(k, t) })
		l.OnDoubt(func(cause string) { doubted(k, cause) })
		if probed != nil {
			l.OnProbe(probed)
		}
		m.leases, m.doubts = append(m.leases, l), append(m.doubts, newDoubt(key))
	}
	m.recount()
}

// aggregate returns the state of the endpoint by what its checks say now: up once
// as many are up as are required, down once too few can be. Those that are open
// are neither. An endpoint without checks is up.
func (m *address) aggregate(open func(*healthcheck.Lease) bool) healthcheck.State {
	up, down := 0, 0
	for _, l := range m.leases {
		switch {
		case open(l):
		case l.State() == healthcheck.Up:
			up++
		case l.State() == healthcheck.Down:
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

func never(*healthcheck.Lease) bool { return false }

// doubtful reports whether the state depends on checks that cannot ask, while they
// can ask others of the pool.
func (m *address) doubtful() bool {
	if !slices.ContainsFunc(m.doubts, func(d doubt) bool { return d.sure() }) {
		return false
	}
	return m.aggregate(func(l *healthcheck.Lease) bool {
		return m.doubts[slices.Index(m.leases, l)].sure()
	}) == healthcheck.Unknown
}

// cause says why the address cannot be asked.
func (m *address) cause() string {
	i := slices.IndexFunc(m.doubts, func(d doubt) bool { return d.sure() })
	return m.doubts[i].cause
}

// settled reports whether no result is awaited that could change the state: none
// speaks against it, and it is not becoming doubtful either.
func (m *address) settled() bool {
	for k, l := range m.leases {
		if d := &m.doubts[k]; !l.Settled() || d.count > 0 && !d.sure() {
			return false
		}
	}
	return true
}

// roundTrip is that of the checks together, or 0 if it is not known.
func (m *address) roundTrip() time.Duration {
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

func (m *address) enabled() bool { return !m.cfg.Disabled && !m.gone }
func (m *address) healthy() bool { return m.enabled() && m.state.Healthy() }

// id tells addresses apart, and is the same for an address in every
// server and at all times: FNV-1a, of which the bits are mixed (as MurmurHash3
// does at the end), since addresses differ in the last octet alone.
func (m *address) id() uint64 {
	h := uint64(14695981039346656037)
	for _, octet := range m.addr.AsSlice() {
		h = (h ^ uint64(octet)) * 1099511628211
	}
	h = (h ^ h>>33) * 0xff51afd7ed558ccd
	h = (h ^ h>>33) * 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}
