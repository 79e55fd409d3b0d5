package pool

import (
	"net/netip"
	"sync"
	"time"

	"github.com/coredns-failover/failover/healthcheck"
)

// A Recalled is what an earlier process knew of addresses, each until a Tracker has it, and
// of pools. A nil one is nothing.
type Recalled struct {
	maxAge time.Duration
	pools  map[string]LastPool

	mu    sync.Mutex // guards the following; no other mutex is taken with it
	addrs map[netip.Addr]LastEndpoint
}

// NewRecalled returns what m says. Of an address in several pools the first counts.
func NewRecalled(m Memory) *Recalled {
	r := &Recalled{maxAge: m.MaxAge, pools: make(map[string]LastPool), addrs: make(map[netip.Addr]LastEndpoint)}
	for _, p := range m.Pools {
		r.pools[p.Pool] = p
	}
	for _, e := range m.Endpoints {
		if was, ok := r.addrs[e.Addr]; ok {
			was.Checks = append(was.Checks, e.Checks...)
			e = was
		}
		r.addrs[e.Addr] = e
	}
	return r
}

// stateOf returns the last state of an address, or Unknown.
func (r *Recalled) stateOf(addr netip.Addr, now time.Time) healthcheck.State {
	if r == nil {
		return healthcheck.Unknown
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if e, ok := r.addrs[addr]; ok && now.Sub(e.Known) <= r.maxAge {
		return stateNamed(e.State)
	}
	return healthcheck.Unknown
}

// take lets the checks of an address be damped as they were. From now on the address is
// known by them.
func (r *Recalled) take(a *address) {
	if r == nil {
		return
	}
	r.mu.Lock()
	e := r.addrs[a.addr]
	delete(r.addrs, a.addr)
	r.mu.Unlock()
	for _, c := range e.Checks {
		for _, l := range a.leases {
			if l.Key().Spec.Check.String() == c.Check {
				l.SetDamping(c.Damping)
			}
		}
	}
}

// rest returns what still counts of addresses that no Tracker has yet.
func (r *Recalled) rest(now time.Time) (left []LastEndpoint) {
	if r == nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, e := range r.addrs {
		if now.Sub(e.Known) <= r.maxAge {
			left = append(left, e)
		}
	}
	return left
}

// forgetRecalled ends what an earlier process knew once this one knows all addresses
// itself. A Tracker of names below a wildcard is not the only one that has it.
func (t *Tracker) forgetRecalled() {
	left := false
	for p := range t.pools {
		ps := &t.pools[p]
		waits := ps.awaitsLookup()
		ps.wasDown = ps.wasDown && waits
		left = left || waits
	}
	if !left {
		t.recalled = nil
	}
}

// awaitsLookup reports whether no lookup of some endpoint has succeeded yet.
func (ps *poolState) awaitsLookup() bool {
	for e := range ps.endpoints {
		if cfg := &ps.cfg.Endpoints[e]; !cfg.Addr.IsValid() && !cfg.Disabled && !ps.endpoints[e].lookedUp {
			return true
		}
	}
	return false
}

// needsLookup reports whether an address of the pool is not in the Corefile.
func (p *Pool) needsLookup() bool {
	for e := range p.Endpoints {
		if !p.Endpoints[e].Addr.IsValid() && !p.Endpoints[e].Disabled {
			return true
		}
	}
	return false
}
