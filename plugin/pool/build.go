package pool

import "slices"

// build returns the View of the current states. The caller holds t.mu, unless nobody
// else has t yet.
func (t *Tracker) build() *View {
	switch p := t.poolNamed(t.orders.Use); {
	case t.orders.Frozen != nil:
		return t.frozen(t.orders.Frozen)
	case p != None:
		return t.used(p)
	}
	ranked, state := t.rank()
	if p := t.pendingPool(ranked); p != None {
		return t.pendingView(p)
	}
	if len(ranked) == 0 {
		return t.allDownView()
	}
	v := &View{
		Ranked: ranked,
		Pool:   t.first(ranked),
		Choose: t.dependsOnClient(ranked),
		Sets:   make([]*Set, len(t.pools)),
		State:  state,
	}
	if v.State != Degraded && v.Pool != t.leader() {
		v.State = FailedOver
	}
	v.By = t.decidedBy(v)
	ttl := t.ttlOf(v)
	v.TTL = t.rec.ttls()[ttl]
	for _, p := range ranked {
		if v.Choose || p == v.Pool {
			v.Sets[p] = t.pools[p].set(t.rec, ttl)
		}
	}
	if v.State == Degraded {
		v.Why = t.WhyDegraded(v.Pool)
	}
	t.setModeOfEmpty(v)
	return v
}

// setModeOfEmpty sets the mode of v if the pool that answers has no address left, as one
// that the operator wants may. However healthy the operator says it is, that is degraded.
func (t *Tracker) setModeOfEmpty(v *View) {
	if !v.Sets[v.Pool].empty() {
		return
	}
	v.Mode, v.State, v.Unhealthy, v.TTL = NoData, Degraded, true, t.rec.MinTTL
	v.Why = "no endpoint of " + t.PoolName(v.Pool) + " is left, and an override has it serve"
	if t.neverLookedUp() {
		v.Mode = NoAddress
	}
}

// WhyDegraded returns in words that the pool p answers although no pool is up.
func (t *Tracker) WhyDegraded(p int) string {
	return "no pool has enough healthy endpoints: serving those of " + t.PoolName(p)
}

// rank returns the pools that may answer, best first: those that are up and not held
// back. If there is none, the record is degraded, and pools with at least one healthy
// endpoint may answer.
func (t *Tracker) rank() (ranked []int, s State) {
	var heldBack []int
	for _, p := range t.order {
		switch ps := &t.pools[p]; {
		case !ps.healthy:
		case ps.isHeldBack():
			heldBack = append(heldBack, p)
		default:
			ranked = append(ranked, p)
		}
	}
	if len(ranked) > 0 {
		return t.withoutDrained(ranked, heldBack), OK
	}
	for _, p := range t.order {
		if ps := &t.pools[p]; ps.order.action != ForceDown && len(ps.pick((*address).healthy)) > 0 {
			ranked = append(ranked, p)
		}
	}
	return t.withoutDrained(ranked, nil), Degraded
}

// pendingPool returns the first pool that is pending and has a better rank than all of
// ranked, or None.
func (t *Tracker) pendingPool(ranked []int) int {
	for _, p := range t.order {
		switch ps := &t.pools[p]; {
		case ps.pending() && ps.order.action == ForceUp && len(ps.pick((*address).usable)) == 0:
			return p // it would have nothing to answer with
		case len(ranked) > 0 && p == ranked[0]:
			return None
		case ps.pending() && ps.order.action == "":
			return p
		}
	}
	return None
}

// pendingView returns the View while the pool p is pending: pools of lower rank do not
// answer in its place.
func (t *Tracker) pendingView(p int) *View {
	v := &View{Pool: p, State: OK, Mode: Pending, By: ByMinHealthy, TTL: t.rec.MinTTL, Sets: make([]*Set, len(t.pools))}
	if t.pools[p].cfg.Next() {
		v.Mode = Next
	}
	if p != t.leader() {
		v.State = FailedOver
	}
	v.Sets[p] = &Set{SvcParams: t.pools[p].params}
	return v
}

// first returns the pool that answers clients unless Chooser picks another: the first in
// rank, or under SteerWeighted the first with a weight.
func (t *Tracker) first(ranked []int) int {
	if t.rec.Steer.Kind == SteerWeighted {
		if i := slices.IndexFunc(ranked, t.hasShare); i >= 0 {
			return ranked[i]
		}
	}
	return ranked[0]
}

func (t *Tracker) hasShare(p int) bool { return t.rec.Pools[p].Weight > 0 }

// leader returns the pool that answers if all are up.
func (t *Tracker) leader() int { return t.first(t.order) }

// dependsOnClient reports whether different clients may get different pools of ranked.
func (t *Tracker) dependsOnClient(ranked []int) bool {
	return len(ranked) > 1 && (t.rec.Steer.Kind == SteerWeighted ||
		slices.ContainsFunc(ranked, func(p int) bool { return t.rec.Pools[p].Prefer != "" }))
}

// decidedBy returns the stage that decided for v.Pool.
func (t *Tracker) decidedBy(v *View) Stage {
	for _, p := range t.order {
		if p == v.Pool {
			break
		}
		if t.pools[p].healthy && t.pools[p].isHeldBack() {
			return ByFailback
		}
	}
	if t.rec.Steer.Kind != SteerOrder && len(v.Ranked) > 1 {
		return BySteer
	}
	return ByMinHealthy
}

// ttlOf returns the index in Record.ttls of the TTL of v: that of MinTTL while the record
// is degraded or awaited results could change an answer.
func (t *Tracker) ttlOf(v *View) int {
	if v.State == Degraded {
		return movingRR
	}
	for _, p := range t.order {
		ps := &t.pools[p]
		answers := p == v.Pool || v.Choose && slices.Contains(v.Ranked, p)
		if answers && ps.unsettled() || !ps.healthy && ps.mayComeUp() && t.wouldAnswer(p, v) {
			return movingRR
		}
	}
	return settledRR
}

// wouldAnswer reports whether p, which is down, would answer any client if it came up.
func (t *Tracker) wouldAnswer(p int, v *View) bool {
	return v.By != ByOverride && !t.pools[p].isHeldBack() && (slices.Index(t.order, p) < slices.Index(t.order, v.Pool) ||
		t.rec.Pools[p].Prefer != "" || t.rec.Steer.Kind == SteerWeighted && t.hasShare(p))
}

// allDownView returns the View while no endpoint is healthy, as all_down says. The primary
// is then the first pool with an endpoint that is not disabled.
func (t *Tracker) allDownView() *View {
	v := &View{Pool: None, State: Degraded, Unhealthy: true, By: ByAllDown, TTL: t.rec.MinTTL, Sets: make([]*Set, len(t.pools))}
	v.Down = &Set{Policy: Policy{Kind: All}, SvcParams: withoutECH}
	what := string(t.rec.AllDown.Kind)
	switch down := t.rec.AllDown; down.Kind {
	case AllDownServFail:
		v.Mode = ServFail
	case AllDownNext:
		v.Mode = Next
	case AllDownNoData:
		v.Mode = NoData
	case AllDownPool:
		v.Down, what = t.wholePool(down.Pool), t.PoolName(down.Pool)
	case AllDownAll:
		v.Down.fill(t.allAddresses(), movingRR)
		if len(t.pools) == 1 {
			v.Down.SvcParams = t.pools[0].params
		}
		v.Down.A.setOwner(t.rec.Name)
		v.Down.AAAA.setOwner(t.rec.Name)
	default:
		for p := range t.pools {
			if t.pools[p].hasAnswer() {
				v.Down, what = t.wholePool(p), t.PoolName(p)
				break
			}
		}
	}
	v.Why = "all pools down: serving " + what
	if v.Mode == Answer && v.Down.empty() {
		v.Mode = NoData
		if t.neverLookedUp() {
			v.Mode, v.Why = NoAddress, "all pools down: no address is known"
		}
	}
	return v
}

// neverLookedUp reports whether no lookup of some endpoint has ever succeeded.
func (t *Tracker) neverLookedUp() bool {
	return slices.ContainsFunc(t.pools, func(ps poolState) bool {
		for i, e := range ps.cfg.Endpoints {
			if !e.Disabled && (e.Host != "" && len(ps.endpoints[i].addresses) == 0 || e.Next && ps.replies == [2]*Reply{}) {
				return true
			}
		}
		return false
	})
}

// hasAnswer reports whether the pool has an address that is not disabled, or answers with
// a CNAME, which needs none.
func (ps *poolState) hasAnswer() bool {
	return ps.cfg.CNAME && !ps.cfg.Endpoints[0].Disabled || len(ps.pick((*address).enabled)) > 0
}

// wholePool returns the Set of a pool with all its addresses, healthy or not.
func (t *Tracker) wholePool(p int) *Set {
	ps := &t.pools[p]
	s := &Set{Policy: Policy{Kind: All}, Next: ps.cfg.Next(), SvcParams: ps.params}
	if ps.cfg.CNAME {
		return ps.set(t.rec, movingRR)
	}
	s.fill(ps.withoutForcedDown(), movingRR)
	ps.addReplies(t.rec, s, movingRR)
	return s
}

// allAddresses returns the addresses of all pools, each once.
func (t *Tracker) allAddresses() []*address {
	var all []*address
	for p := range t.pools {
		for _, a := range t.pools[p].withoutForcedDown() {
			if !slices.ContainsFunc(all, func(o *address) bool { return o.addr == a.addr }) {
				all = append(all, a)
			}
		}
	}
	return all
}
