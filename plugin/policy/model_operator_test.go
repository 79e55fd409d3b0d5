package policy

import (
	"net/netip"
	"slices"
	"time"

	"github.com/coredns-failover/failover/plugin/override"
	"github.com/coredns-failover/failover/plugin/pool"
)

// This file has what the operator's word means to the model.

func (m *model) ordered() bool { return m.used != pool.None || m.frozen != nil }

// hold holds a pool back that is left now, if it is down by what the probes say.
func (m *model) hold(p int) {
	if m.pools[p].order == "" && !m.enough(p, (*modelEnd).passes) {
		m.pools[p].held = m.rec.Failback.Hold
	}
}

// heldBack returns the pools that are held back and up.
func (m *model) heldBack() (ps []int) {
	for p, mp := range m.pools {
		if mp.up && mp.held {
			ps = append(ps, p)
		}
	}
	return ps
}

// undrained returns ps without drained pools; if there are others only in rest, those.
func (m *model) undrained(ps, rest []int) []int {
	isDrained := func(p int) bool { return m.pools[p].order == pool.Drain }
	if left := slices.DeleteFunc(slices.Clone(ps), isDrained); len(left) > 0 {
		return left
	}
	if left := slices.DeleteFunc(slices.Clone(rest), isDrained); len(left) > 0 {
		return left
	}
	return ps
}

// undrained returns endpoints without those that are drained while another one of the
// family, which is not, is healthy.
func undrained(ends []modelEnd) (left []modelEnd) {
	for _, e := range ends {
		other := func(o modelEnd) bool {
			return o.healthy() && o.order != pool.Drain && o.cfg.Addr.Is4() == e.cfg.Addr.Is4()
		}
		if e.order != pool.Drain || !slices.ContainsFunc(ends, other) {
			left = append(left, e)
		}
	}
	return left
}

func (e modelEnd) usable() bool { return !e.cfg.Disabled && e.order != pool.ForceDown }

// lastResort returns the endpoints without those that are forced down, if there are others.
func (mp *modelPool) lastResort() (ends []modelEnd) {
	for _, e := range mp.ends {
		if e.usable() {
			ends = append(ends, e)
		}
	}
	if len(ends) == 0 {
		return mp.ends
	}
	return ends
}

// serveOrdered sets which pools answer if the operator says so.
func (m *model) serveOrdered() {
	switch {
	case m.frozen != nil:
		m.serving = m.frozen.serving
	case m.used != pool.None:
		m.serving = []int{m.used}
	}
}

// answering returns the model of what is answered: that of the moment of a freeze.
func (m *model) answering() *model {
	if m.frozen != nil {
		return m.frozen
	}
	return m
}

// leads returns the pool that answers a client without a preference.
func (m *model) leads() int {
	if m.used != pool.None {
		return m.used
	}
	return m.leader
}

func (m *model) clone() *model {
	c := *m
	c.pools = slices.Clone(m.pools)
	for p := range c.pools {
		c.pools[p].ends = slices.Clone(m.pools[p].ends)
	}
	c.serving = slices.Clone(m.serving)
	return &c
}

// operate makes list, the oldest first, the operator's word.
func (m *model) operate(list []override.Override, now time.Time) {
	m.expire(now)
	before, was := m.answering().clone(), m.serving
	ordered, isFrozen := m.ordered(), m.frozen
	m.used, m.frozen = pool.None, nil
	for p := range m.pools {
		mp, cfg := &m.pools[p], &m.rec.Pools[p]
		mp.order = ""
		for e := range mp.ends {
			mp.ends[e].order = ""
		}
		for _, o := range list { // the newest is the last
			switch addr, _ := netip.ParseAddr(o.Address + o.Endpoint); {
			case o.Action == pool.Freeze:
				if m.frozen = isFrozen; isFrozen == nil {
					m.frozen = before
				}
			case o.Action == pool.Use && o.Pool == cfg.Name:
				m.used = p
			case o.Action == pool.Use:
			case addr.IsValid():
				for e := range mp.ends {
					if mp.ends[e].cfg.Addr == addr && (o.Address != "" || o.Pool == cfg.Name) {
						mp.ends[e].order = o.Action
					}
				}
			case o.Pool == cfg.Name:
				mp.order = o.Action
			}
		}
	}
	if ordered && !m.ordered() { // what has died meanwhile is left only now
		for _, p := range was {
			if !m.pools[p].up {
				m.hold(p)
			}
		}
	}
	m.updatePools(now)
}
