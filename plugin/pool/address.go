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
	cfg     *Endpoint
	addr    netip.Addr
	name    string // in logs and metrics
	rrs     [2]dns.RR
	leases  []*healthcheck.Lease
	streaks []streak          // as leases
	state   healthcheck.State // as which it counts
	shown   healthcheck.State // the same, but Unknown while it cannot be asked

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
	a := &address{cfg: e, addr: addr, name: e.Name}
	switch {
	case a.name == "":
		a.name = addr.String()
	case e.Host != "" || e.Next:
		a.name += "/" + addr.String()
	}
	a.setRR(rec, rr.NewAddress(rec.Name, addr, rec.TTL))
	return a
}

// setRR makes the answers for the address carry address, with the TTL of the record at
// most.
func (a *address) setRR(rec *Record, address dns.RR) {
	a.rrs[settledRR] = rr.CapTTL(address, rec.TTL)
	a.rrs[movingRR] = rr.CapTTL(address, rec.MinTTL)
}

// acquire starts the checks of the address. changed is told of the transitions
// of each of its checks, by index, and doubted of its doubts (Lease.OnDoubt).
func (a *address) acquire(reg *healthcheck.Registry, inherited healthcheck.State,
	changed func(k int, tr healthcheck.Transition), doubted func(k int, cause string), probed func(),
) {
	for key := range a.cfg.ChecksOf(a.addr) {
		k := len(a.leases)
		l := reg.Acquire(key, inherited, func(tr healthcheck.Transition) { changed(k, tr) })
		l.OnDoubt(func(cause string) { doubted(k, cause) })
		if probed != nil {
			l.OnProbe(probed)
		}
		a.leases, a.streaks = append(a.leases, l), append(a.streaks, newStreak(key))
	}
	a.updateState()
}

// aggregate returns the state of the endpoint by what its checks say now: up once
// as many are up as are required, down once too few can be. Those that are open
// are neither. An endpoint without checks is up.
func (a *address) aggregate(open func(*healthcheck.Lease) bool) healthcheck.State {
	up, down := 0, 0
	for _, l := range a.leases {
		switch {
		case open(l):
		case l.State() == healthcheck.Up:
			up++
		case l.State() == healthcheck.Down:
			down++
		}
	}
	switch {
	case len(a.leases) == 0, up >= a.cfg.Require:
		return healthcheck.Up
	case len(a.leases)-down < a.cfg.Require:
		return healthcheck.Down
	default:
		return healthcheck.Unknown
	}
}

func never(*healthcheck.Lease) bool { return false }

// doubtful reports whether the state depends on checks that cannot ask, while they
// can ask others of the pool.
func (a *address) inconclusive() bool {
	if !slices.ContainsFunc(a.streaks, func(s streak) bool { return s.reached() }) {
		return false
	}
	return a.aggregate(func(l *healthcheck.Lease) bool {
		return a.streaks[slices.Index(a.leases, l)].reached()
	}) == healthcheck.Unknown
}

// cause says why the address cannot be asked.
func (a *address) cause() string {
	i := slices.IndexFunc(a.streaks, func(s streak) bool { return s.reached() })
	return a.streaks[i].cause
}

// settled reports whether no result is awaited that could change the state: none
// speaks against it, and it is not becoming doubtful either.
func (a *address) settled() bool {
	for k, l := range a.leases {
		if s := &a.streaks[k]; !l.Settled() || s.count > 0 && !s.reached() {
			return false
		}
	}
	return true
}

// roundTrip is that of the checks together, or 0 if it is not known.
func (a *address) roundTrip() time.Duration {
	var sum, n time.Duration
	for _, l := range a.leases {
		if d := l.RoundTrip(); d > 0 {
			sum, n = sum+d, n+1
		}
	}
	if n == 0 {
		return 0
	}
	return sum / n
}

func (a *address) enabled() bool { return !a.cfg.Disabled && !a.gone }
func (a *address) healthy() bool { return a.enabled() && a.state.Healthy() }

// id tells addresses apart, and is the same for an address in every
// server and at all times: FNV-1a, of which the bits are mixed (as MurmurHash3
// does at the end), since addresses differ in the last octet alone.
func (a *address) id() uint64 {
	h := uint64(14695981039346656037)
	for _, octet := range a.addr.AsSlice() {
		h = (h ^ uint64(octet)) * 1099511628211
	}
	h = (h ^ h>>33) * 0xff51afd7ed558ccd
	h = (h ^ h>>33) * 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}
