package pool

import (
	"cmp"
	"net/netip"
	"slices"
	"time"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/plugin/rr"
)

// A Status is how a record is doing, for people. It holds at one moment.
type Status struct {
	View     *View
	Since    time.Time // when View.State or View.Pool became what they are
	Reason   string    // why
	Held     *Hold     // nil if no pool is held back
	RecordID string    // of the override of the record itself, or ""
	Order    Action    // of that override: Use or Freeze, or ""
	Pools    []StatusOfPool
}

// A Hold is of a pool that was left because it was down.
type Hold struct {
	Pool  int
	Until time.Time // when it ends by itself; zero if it does not, or not while the pool is down
}

// A StatusOfPool is how a pool is doing.
type StatusOfPool struct {
	Rank      int // 0 is the best; drained pools come last
	Up        bool
	Healthy   int    // endpoints
	Needed    int    // healthy endpoints for it to be up
	Override  string // the ID of the override of the pool, or ""
	Order     Action // of that override, or ""
	HeldBack  bool
	Endpoints []EndpointStatus
}

// An EndpointStatus is how one address of a pool is doing, or a host name without a known
// address.
type EndpointStatus struct {
	Name     string
	Addr     netip.Addr // invalid if none is known
	Target   string     // the host name, or "next", if it does not stand in the Corefile
	Weight   int
	Disabled bool
	State    healthcheck.State // what decides
	Probed   healthcheck.State // what the probes say
	Counts   bool              // it counts as healthy
	Served   bool              // some client may get it
	Since    time.Time         // when State became what it is
	Reason   string            // why
	Override string            // the ID of the override that counts for it, or ""
	OrderID  string            // of the override of the endpoint itself or its address, or ""
	Order    Action            // of that override, or ""
	Checks   []CheckStatus
}

// A CheckStatus is how a check of an endpoint is doing.
type CheckStatus struct {
	Text string // as in log lines
	healthcheck.Status
}

// Status returns how the record is doing now.
func (t *Tracker) Status() Status {
	t.mu.Lock()
	defer t.mu.Unlock()
	v := t.view.Load()
	s := Status{View: v, Since: t.since, Reason: t.reason, Held: t.hold(v)}
	s.RecordID, s.Order = t.recordOrder()
	ranking := t.ranking()
	for p := range t.pools {
		s.Pools = append(s.Pools, t.statusOfPool(v, p))
		s.Pools[p].Rank = slices.Index(ranking, p)
	}
	return s
}

// recordOrder returns the ID and the action of the override of the record itself, or "".
func (t *Tracker) recordOrder() (id string, action Action) {
	switch {
	case t.orders.Frozen != nil:
		return t.orders.RecordID, Freeze
	case t.isOrdered():
		return t.orders.RecordID, Use
	}
	return "", ""
}

// Held returns the hold of the best pool that is held back, or nil.
func (t *Tracker) Held() *Hold {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.hold(t.view.Load())
}

// hold returns the one of the best pool that is held back, or nil. One that answers all
// the same, because of an override, is not.
func (t *Tracker) hold(v *View) *Hold {
	for _, p := range t.order {
		ps := &t.pools[p]
		if !ps.heldBack || v.serves(p) {
			continue
		}
		h := &Hold{Pool: p}
		if ps.healthy && t.rec.Failback.After > 0 {
			h.Until = ps.since.Add(t.rec.Failback.After)
		}
		return h
	}
	return nil
}

func (t *Tracker) statusOfPool(v *View, p int) StatusOfPool {
	ps := &t.pools[p]
	s := StatusOfPool{
		Up: ps.healthy, Healthy: len(ps.pick((*address).healthy)), Needed: ps.cfg.MinHealthy.of(ps.count()),
		Override: ps.order.id, Order: ps.order.action, HeldBack: ps.isHeldBack(),
	}
	served := v.addresses(p)
	for e := range ps.endpoints {
		s.Endpoints = append(s.Endpoints, t.endpointStatuses(p, e, served)...)
	}
	return s
}

// whyDisabled is the reason for the state of an endpoint that is disabled.
const whyDisabled = "disabled in the Corefile"

// endpointStatuses returns those of the addresses of one endpoint, or one if none is
// known. Those that are not given any more are left out.
func (t *Tracker) endpointStatuses(p, e int, served map[netip.Addr]bool) (all []EndpointStatus) {
	ps, cfg := &t.pools[p], &t.rec.Pools[p].Endpoints[e]
	base := EndpointStatus{Name: cfg.Name, Target: cfg.Host, Weight: cfg.Weight, Disabled: cfg.Disabled}
	if cfg.Next {
		base.Target = "next"
	}
	for _, a := range ps.endpoints[e].addresses {
		if !a.gone {
			all = append(all, t.addressStatus(base, ps, a, served))
		}
	}
	if len(all) == 0 {
		if base.Name == "" {
			base.Name = base.Target
		}
		base.Since, base.Reason = t.since, "no address is known"
		if cfg.Disabled {
			base.Reason = whyDisabled
		}
		all = append(all, base)
	}
	return all
}

func (t *Tracker) addressStatus(s EndpointStatus, ps *poolState, a *address, served map[netip.Addr]bool) EndpointStatus {
	s.Name, s.Addr, s.State, s.Probed = a.name, a.addr, a.told, a.shown
	s.Counts = a.healthy()
	s.Since, s.Reason, s.Served = a.since, a.reason, served[a.addr]
	recordID, _ := t.recordOrder()
	s.OrderID, s.Order = a.order.id, a.order.action
	s.Override = cmp.Or(recordID, ps.order.id, a.order.id)
	for _, l := range a.leases {
		s.Checks = append(s.Checks, CheckStatus{Text: l.Key().Spec.Check.String(), Status: l.Status()})
	}
	return s
}

// addresses returns what some client may get of a pool.
func (v *View) addresses(p int) map[netip.Addr]bool {
	var set *Set
	switch {
	case v.Mode != Answer:
	case v.Pool == None:
		set = v.Down
	case v.serves(p):
		set = v.Sets[p]
	}
	if set == nil || set.CNAME != nil {
		return nil
	}
	served := make(map[netip.Addr]bool)
	for _, f := range []*Family{&set.A, &set.AAAA} {
		for _, r := range set.certain(f.RRs) {
			if a, ok := rr.Addr(r); ok {
				served[a] = true
			}
		}
	}
	return served
}

// certain returns those of rrs that the policy may pick.
func (s *Set) certain(rrs []dns.RR) []dns.RR {
	if n := s.Policy.Count; n > 0 && n < len(rrs) && (s.Policy.Kind == All || s.Policy.Kind == First) {
		return rrs[:n]
	}
	return rrs
}

// EndpointName returns what an endpoint of a pool is called that is known by its name,
// label, host name or address, and whether it is disabled; "" if there is none.
func (t *Tracker) EndpointName(pool, endpoint string) (name string, disabled bool) {
	p := t.poolNamed(pool)
	if p == None {
		return "", false
	}
	addr, _ := netip.ParseAddr(endpoint)
	t.mu.Lock()
	defer t.mu.Unlock()
	for e := range t.pools[p].endpoints {
		cfg := &t.rec.Pools[p].Endpoints[e]
		for _, a := range t.pools[p].endpoints[e].addresses {
			if a.name == endpoint || a.addr == addr.Unmap() {
				return a.name, cfg.Disabled
			}
		}
		if cfg.Name != "" && cfg.Name == endpoint || cfg.Host != "" && cfg.Host == dns.CanonicalName(endpoint) {
			return cmp.Or(cfg.Name, cfg.Host), cfg.Disabled
		}
	}
	return "", false
}

// Release lets pools that are held back take over, now or as soon as they are up. It
// returns their names, none if no pool is held back.
func (t *Tracker) Release(reason string) (pools []string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.stopped || t.reg == nil {
		return nil
	}
	for p := range t.pools {
		if t.pools[p].heldBack {
			t.pools[p].heldBack = false
			pools = append(pools, t.PoolName(p))
		}
	}
	if len(pools) > 0 {
		t.rebuild(reason)
	}
	return pools
}
