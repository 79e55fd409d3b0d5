package pool

import (
	"slices"
	"time"

	"github.com/coredns-failover/failover/healthcheck"
)

// SetOrders makes orders the operator's word about the record, in place of what it was.
// reason says in words what brought it.
func (t *Tracker) SetOrders(o Orders, reason string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	ordered := t.isOrdered()
	if changed := t.give(o); t.stopped || !changed {
		return
	}
	if t.reg == nil { // nothing is observed yet
		for p := range t.pools {
			t.pools[p].healthy = t.pools[p].isHealthy()
		}
		t.view.Store(t.build())
		return
	}
	if ordered && !t.isOrdered() {
		t.holdWhatDied()
	}
	t.rebuildAnd(func() {
		for p := range t.pools {
			t.pools[p].each(func(a *address) {
				if a.enabled() {
					t.tell(p, a, reason)
				}
			})
		}
	}, reason)
}

// isOrdered reports whether the operator says which pool answers, whatever its health.
func (t *Tracker) isOrdered() bool {
	return t.orders.Frozen != nil || t.poolNamed(t.orders.Use) != None
}

// holdWhatDied holds the pools back that have answered to the last because of the
// operator's word, and are down: only now they are left.
func (t *Tracker) holdWhatDied() {
	v := t.view.Load()
	for p := range t.pools {
		if ps := &t.pools[p]; !ps.healthy && v.serves(p) {
			t.holdIfDown(ps)
		}
	}
}

// give lets orders count for pools and addresses. It reports whether that changes anything
// for the record: an override of an address is given to all records, and few have it.
func (t *Tracker) give(o Orders) (changed bool) {
	was := t.orders
	changed = o.RecordID != was.RecordID || o.Use != was.Use || o.Frozen != was.Frozen
	set := func(at **order, to *order) {
		changed = changed || **at != *to
		*at = to
	}
	t.orders = &o
	if o.Equal(*noOrders) {
		t.orders = noOrders
	}
	for p := range t.pools {
		ps := &t.pools[p]
		set(&ps.order, o.ofPool(ps.cfg.Name))
		ps.each(func(a *address) { set(&a.order, o.ofAddress(ps.cfg.Name, a)) })
	}
	return changed
}

// Preview returns the View that there would be under orders. It changes nothing.
func (t *Tracker) Preview(o Orders) *View {
	t.mu.Lock()
	defer t.mu.Unlock()
	orders := t.orders
	if !t.give(o) {
		t.orders = orders
		return t.view.Load()
	}
	pools, order := slices.Clone(t.pools), t.order
	defer func() {
		t.pools, t.order = pools, order
		t.give(*orders)
	}()
	t.updatePools(t.view.Load(), t.now())
	t.reorder()
	return t.build()
}

// decided returns the state that counts: the operator's word, else that of the probes.
func (a *address) decided() healthcheck.State {
	switch a.order.action {
	case ForceUp:
		return healthcheck.Up
	case ForceDown:
		return healthcheck.Down
	}
	return a.state
}

func (a *address) isForced() bool { return a.order.action == ForceUp || a.order.action == ForceDown }

// usable reports whether the address may be served for want of a better one.
func (a *address) usable() bool { return a.enabled() && a.order.action != ForceDown }

// isHealthy reports whether the pool counts as up: the operator's word, else what its
// endpoints say.
func (ps *poolState) isHealthy() bool {
	switch ps.order.action {
	case ForceUp:
		return true
	case ForceDown:
		return false
	}
	return ps.hasQuorum((*address).healthy)
}

// withoutDrained returns the pools that may answer without those that the operator
// drains. If there is no other, pools that are held back answer, and only without those
// the drained ones.
func (t *Tracker) withoutDrained(ranked, heldBack []int) []int {
	if !slices.ContainsFunc(ranked, t.isDrained) {
		return ranked
	}
	for _, ps := range [][]int{ranked, heldBack} {
		if rest := slices.DeleteFunc(slices.Clone(ps), t.isDrained); len(rest) > 0 {
			return rest
		}
	}
	return ranked
}

func (t *Tracker) isDrained(p int) bool { return t.pools[p].order.action == Drain }

// ranking returns all pools in rank, as people see it: those that the operator drains are
// behind the others.
func (t *Tracker) ranking() (all []int) {
	var drained []int
	for _, p := range t.order {
		if t.isDrained(p) {
			drained = append(drained, p)
		} else {
			all = append(all, p)
		}
	}
	return append(all, drained...)
}

func (a *address) isDrained() bool { return a.order.action == Drain }

// undrained returns addresses of a pool without those that are drained, but for a family
// that has no other healthy one.
func undrained(ms []*address) []*address {
	if !slices.ContainsFunc(ms, (*address).isDrained) {
		return ms
	}
	return slices.DeleteFunc(slices.Clone(ms), func(a *address) bool {
		return a.isDrained() && slices.ContainsFunc(ms, func(o *address) bool {
			return o.addr.Is4() == a.addr.Is4() && !o.isDrained() && o.healthy()
		})
	})
}

// withoutForcedDown returns the enabled addresses without those that the operator takes
// for down, unless there is no other.
func (ps *poolState) withoutForcedDown() []*address {
	if usable := ps.pick((*address).usable); len(usable) > 0 {
		return usable
	}
	return ps.pick((*address).enabled)
}

// used returns the View while the operator wants the pool p to answer.
func (t *Tracker) used(p int) *View {
	ps := &t.pools[p]
	if ps.pending() {
		v := t.pendingView(p)
		v.By = ByOverride
		return v
	}
	v := &View{Ranked: []int{p}, Pool: p, By: ByOverride, Sets: make([]*Set, len(t.pools)), State: OK}
	switch {
	case ps.order.action != ForceUp && !ps.hasQuorum((*address).healthy):
		v.State, v.Unhealthy = Degraded, len(ps.pick((*address).healthy)) == 0
		v.Why = t.PoolName(p) + " is not healthy, and an override has it serve"
	case p != t.leader():
		v.State = FailedOver
	}
	ttl := t.ttlOf(v)
	v.TTL, v.Sets[p] = t.rec.ttls()[ttl], ps.set(t.rec, ttl)
	t.setModeOfEmpty(v)
	return v
}

// poolNamed returns the index of a pool, or None.
func (t *Tracker) poolNamed(name string) int {
	if name == "" {
		return None
	}
	return slices.IndexFunc(t.rec.Pools, func(p Pool) bool { return p.Name == name })
}

// noteLocked keeps what a new View means for those to come.
func (t *Tracker) noteLocked(from, to *View, reason string) {
	if from == nil || from.State != to.State || from.Pool != to.Pool {
		t.since, t.reason = t.now(), reason
	}
	t.serving = to.Pool
	if t.isOrdered() {
		t.serving = None
		if ranked, _ := t.rank(); len(ranked) > 0 {
			t.serving = t.first(ranked)
		}
	}
}

func (t *Tracker) now() time.Time {
	if t.clock == nil {
		return time.Now() // before the start, when nothing hangs on it
	}
	return t.clock.Now()
}

// tell tells what counts for an address now, if observers know it otherwise, or nothing.
func (t *Tracker) tell(p int, a *address, reason string) {
	is := a.shown
	if a.isForced() {
		is = a.decided()
	}
	from := a.told
	starts := a.since.IsZero()
	if starts {
		from = is
	}
	if is == from && !starts {
		return
	}
	a.told, a.since, a.reason = is, t.now(), reason
	t.observer.EndpointChanged(p, a.name, from, is, reason)
}
