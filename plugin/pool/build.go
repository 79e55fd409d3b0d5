package pool

import "slices"

// build returns the View of the states as they are. Its caller holds c.mu, or is
// the only one who knows c.
func (c *Tracker) build() *View {
	ranked, state := c.rank()
	if p := c.waitsFor(ranked); p != None {
		return c.waiting(p)
	}
	if len(ranked) == 0 {
		return c.allDown()
	}
	v := &View{
		Ranked: ranked,
		Pool:   c.first(ranked),
		Choose: c.depends(ranked),
		Sets:   make([]*Set, len(c.pools)),
		State:  state,
	}
	if v.State != Degraded && v.Pool != c.leader() {
		v.State = FailedOver
	}
	v.By = c.decidedBy(v)
	ttl := c.ttlOf(v)
	v.TTL = c.rec.ttls()[ttl]
	for _, p := range ranked {
		if v.Choose || p == v.Pool {
			v.Sets[p] = c.pools[p].set(c.rec, ttl)
		}
	}
	if v.State == Degraded {
		v.Why = c.WhyDegraded(v.Pool)
	}
	return v
}

// WhyDegraded says in words that a pool answers though no pool is healthy.
func (c *Tracker) WhyDegraded(p int) string {
	return "no pool has enough healthy endpoints: serving those of " + c.PoolName(p)
}

// rank returns the pools that may answer, best first: the healthy ones that are
// not held back. Without any, the record is degraded, and those that have a
// healthy endpoint at all may.
func (c *Tracker) rank() (ranked []int, s State) {
	for _, p := range c.order {
		if g := &c.pools[p]; g.up && !g.heldBack {
			ranked = append(ranked, p)
		}
	}
	if len(ranked) > 0 {
		return ranked, OK
	}
	for _, p := range c.order {
		if g := &c.pools[p]; len(g.pick((*address).healthy)) > 0 {
			ranked = append(ranked, p)
		}
	}
	return ranked, Degraded
}

// waitsFor returns the pool, better than those ranked, of which it is not known
// yet what is in it, or None.
func (c *Tracker) waitsFor(ranked []int) int {
	for _, p := range c.order {
		switch {
		case len(ranked) > 0 && p == ranked[0]:
			return None
		case c.pools[p].pending():
			return p
		}
	}
	return None
}

// waiting returns the View before it is known what is in the pool p: no other
// pool takes its place because of that.
func (c *Tracker) waiting(p int) *View {
	v := &View{Pool: p, State: OK, Mode: Pending, By: ByMinHealthy, TTL: c.rec.MinTTL, Sets: make([]*Set, len(c.pools))}
	if c.pools[p].cfg.Next() {
		v.Mode = Next
	}
	if p != c.leader() {
		v.State = FailedOver
	}
	v.Sets[p] = &Set{SvcParams: c.pools[p].params}
	return v
}

// first returns the pool that answers unless the client has a say.
func (c *Tracker) first(ranked []int) int {
	if c.rec.Steer.Kind == SteerWeighted {
		if i := slices.IndexFunc(ranked, c.hasShare); i >= 0 {
			return ranked[i]
		}
	}
	return ranked[0]
}

func (c *Tracker) hasShare(p int) bool { return c.rec.Pools[p].Weight > 0 }

// leader returns the pool that answers if all are well.
func (c *Tracker) leader() int { return c.first(c.order) }

// depends reports whether clients are told apart between these pools.
func (c *Tracker) depends(ranked []int) bool {
	return len(ranked) > 1 && (c.rec.Steer.Kind == SteerWeighted ||
		slices.ContainsFunc(ranked, func(p int) bool { return c.rec.Pools[p].Prefer != "" }))
}

func (c *Tracker) decidedBy(v *View) Stage {
	for _, p := range c.order {
		if p == v.Pool {
			break
		}
		if c.pools[p].up && c.pools[p].heldBack {
			return ByFailback
		}
	}
	if c.rec.Steer.Kind != SteerOrder && len(v.Ranked) > 1 {
		return BySteer
	}
	return ByMinHealthy
}

// ttlOf returns the index of the TTL that the answers of v have: the smaller one
// while they may change soon.
func (c *Tracker) ttlOf(v *View) int {
	if v.State == Degraded {
		return movingRR
	}
	for _, p := range c.order {
		g := &c.pools[p]
		answers := p == v.Pool || v.Choose && slices.Contains(v.Ranked, p)
		if answers && g.movesNow() || !g.up && g.mayComeUp() && c.before(p, v) {
			return movingRR
		}
	}
	return settledRR
}

// before reports whether p, which is down, would answer somebody if it came up.
func (c *Tracker) before(p int, v *View) bool {
	return !c.pools[p].heldBack && (slices.Index(c.order, p) < slices.Index(c.order, v.Pool) ||
		c.rec.Pools[p].Prefer != "" || c.rec.Steer.Kind == SteerWeighted && c.hasShare(p))
}

// allDown returns the View while no endpoint is healthy. Pools of which every
// endpoint is disabled do not count as the first.
func (c *Tracker) allDown() *View {
	v := &View{Pool: None, State: Degraded, By: ByAllDown, TTL: c.rec.MinTTL, Sets: make([]*Set, len(c.pools))}
	v.Down = &Set{Policy: Policy{Kind: All}, SvcParams: withoutECH}
	what := string(c.rec.AllDown.Kind)
	switch a := c.rec.AllDown; a.Kind {
	case AllDownServFail:
		v.Mode = ServFail
	case AllDownNext:
		v.Mode = Next
	case AllDownNoData:
		v.Mode = NoData
	case AllDownPool:
		v.Down, what = c.everything(a.Pool), c.PoolName(a.Pool)
	case AllDownAll:
		v.Down.fill(c.everyEndpoint(), movingRR)
		if len(c.pools) == 1 {
			v.Down.SvcParams = c.pools[0].params
		}
		v.Down.A.owned(c.rec.Name)
		v.Down.AAAA.owned(c.rec.Name)
	default:
		for p := range c.pools {
			if c.pools[p].hasAnswer() {
				v.Down, what = c.everything(p), c.PoolName(p)
				break
			}
		}
	}
	v.Why = "all pools down: serving " + what
	if v.Mode == Answer && v.Down.isEmpty() {
		v.Mode = NoData
		if c.isUnheard() {
			v.Mode, v.Why = NoAddress, "all pools down: no address is known"
		}
	}
	return v
}

// isUnheard reports whether nobody has ever said which addresses some endpoint
// has.
func (c *Tracker) isUnheard() bool {
	return slices.ContainsFunc(c.pools, func(g poolState) bool {
		for i, e := range g.cfg.Endpoints {
			if !e.Disabled && (e.Host != "" && len(g.endpoints[i].addresses) == 0 || e.Next && g.replies == [2]*Reply{}) {
				return true
			}
		}
		return false
	})
}

// hasAnswer reports whether there is anything in a pool to answer with: a CNAME
// is one, whatever is known of its target.
func (g *poolState) hasAnswer() bool {
	return g.cfg.CNAME && !g.cfg.Endpoints[0].Disabled || len(g.pick((*address).enabled)) > 0
}

// everything returns all of a pool.
func (c *Tracker) everything(p int) *Set {
	g := &c.pools[p]
	s := &Set{Policy: Policy{Kind: All}, Next: g.cfg.Next(), SvcParams: g.params}
	if g.cfg.CNAME {
		return g.set(c.rec, movingRR)
	}
	s.fill(g.pick((*address).enabled), movingRR)
	g.addReplies(c.rec, s, movingRR)
	return s
}

// everyEndpoint returns the addresses of all pools, each once.
func (c *Tracker) everyEndpoint() []*address {
	var all []*address
	for p := range c.pools {
		for _, m := range c.pools[p].pick((*address).enabled) {
			if !slices.ContainsFunc(all, func(o *address) bool { return o.addr == m.addr }) {
				all = append(all, m)
			}
		}
	}
	return all
}
