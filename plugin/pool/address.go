package pool

import (
	"net/netip"
	"slices"
	"time"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/plugin/rr"
)

// An address is the state of one address of a pool, whether it is from the Corefile,
// from a host name or from the next plugins.
type address struct {
	cfg     *Endpoint
	addr    netip.Addr
	name    string // in logs and metrics
	rrs     [2]dns.RR
	leases  []*healthcheck.Lease
	streaks []streak          // as leases; nil before the first inconclusive result
	seen    time.Time         // when its endpoint last had it
	state   healthcheck.State // decides by what the probes say whether it is healthy
	shown   healthcheck.State // the same, but Unknown while results are inconclusive
	told    healthcheck.State // the state that counts, as observers know it
	order   order             // the operator's word, which beats that of the probes
	since   time.Time         // when told became so
	reason  string            // why

	follows bool // its state is that of the other addresses of the pool
	gone    bool // its endpoint no longer has it, but it is still checked
	twin    bool // an earlier endpoint of the pool has the same address
}

// The indices in address.rrs. All Views and answers share these records.
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

// setRR sets the record that answers carry for the address, with the TTL of rec at most.
func (a *address) setRR(rec *Record, record dns.RR) {
	a.rrs[settledRR] = rr.CapTTL(record, rec.TTL)
	a.rrs[movingRR] = rr.CapTTL(record, rec.MinTTL)
}

// acquire starts the checks of the address, which is in the pool p of t. probed, if not nil,
// is called after each probe.
func (a *address) acquire(t *Tracker, p int, inherited healthcheck.State, probed func()) {
	for key := range a.cfg.ChecksOf(a.addr) {
		c := &check{t, a, p, len(a.leases)}
		l := t.reg.Acquire(key, inherited, c.onTransition)
		l.OnDoubt(c.onInconclusive)
		if probed != nil {
			l.OnProbe(probed)
		}
		a.leases = append(a.leases, l)
	}
	a.updateState()
}

// A check is the check k of an address of the pool p.
type check struct {
	t    *Tracker
	a    *address
	p, k int
}

func (c *check) onTransition(tr healthcheck.Transition) { c.t.onTransition(c.p, c.a, c.k, tr) }
func (c *check) onInconclusive(cause string)            { c.t.onInconclusive(c.p, c.a, c.k, cause) }

// aggregate returns the state of the address by the states of its checks: up once as
// many are up as are required, down once too many are down for that. Checks for which
// open is true count as neither. An endpoint without checks is up.
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

// inconclusive reports whether the state depends on checks whose streak has reached its
// limit.
func (a *address) inconclusive() bool {
	if !slices.ContainsFunc(a.streaks, func(s streak) bool { return s.reached() }) {
		return false
	}
	return a.aggregate(func(l *healthcheck.Lease) bool {
		return a.streaks[slices.Index(a.leases, l)].reached()
	}) == healthcheck.Unknown
}

// cause returns why results of an inconclusive address are so.
func (a *address) cause() string {
	i := slices.IndexFunc(a.streaks, func(s streak) bool { return s.reached() })
	return a.streaks[i].cause
}

// settled reports whether no awaited result could change the state: no check has a
// result against its state, and none has a streak below its limit.
func (a *address) settled() bool {
	if a.isForced() {
		return true
	}
	return !slices.ContainsFunc(a.leases, func(l *healthcheck.Lease) bool { return !l.Settled() }) &&
		!slices.ContainsFunc(a.streaks, func(s streak) bool { return s.count > 0 && !s.reached() })
}

// roundTrip returns the mean round trip of the checks, or 0 if none is known.
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
func (a *address) passes() bool  { return a.enabled() && a.state.Healthy() }
func (a *address) healthy() bool { return a.enabled() && a.decided().Healthy() }

// id returns a hash of the address that is the same in every server and at all times:
// FNV-1a, mixed, as addresses of a pool often differ in the last octet only.
func (a *address) id() uint64 {
	h := uint64(14695981039346656037)
	for _, octet := range a.addr.AsSlice() {
		h = (h ^ uint64(octet)) * 1099511628211
	}
	return Mix(h)
}

// Mix spreads differences between numbers over all bits (the finalizer of MurmurHash3).
func Mix(h uint64) uint64 {
	h = (h ^ h>>33) * 0xff51afd7ed558ccd
	h = (h ^ h>>33) * 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}
