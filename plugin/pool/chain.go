// Package pool keeps the pools of a record and says which of them answers.
//
// A [Chain] is the pools of one record in rank. It holds leases on the checkers
// of its endpoints and builds a new [View] whenever one of them changes its
// mind. Readers load the View with one atomic operation; writers are serialised
// and replace it whole, so that the last one has seen every change.
//
// What a View carries is decided in this order:
//
//  1. An endpoint is down once too few of its checks can pass; else it is
//     healthy, also while nothing is known of it yet.
//  2. A pool is healthy with min_healthy healthy endpoints.
//  3. The first healthy pool answers with its healthy endpoints.
//  4. Without a healthy pool the first one with a healthy endpoint answers with
//     those that it has. The record is degraded.
//  5. Without a healthy endpoint all_down says what is answered.
package pool

import (
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/coredns-failover/failover/healthcheck"
)

// An Observer is told what changes in a Chain, after queries see it. Its
// methods are called one at a time, with the Chain locked: they must not block
// and must not call into it.
type Observer interface {
	// EndpointChanged is told of the state of an endpoint, at the start and
	// whenever it changes. pool and endpoint are indices into the Record.
	EndpointChanged(pool, endpoint int, s healthcheck.State)
	// ViewChanged is told of every new View and of the one before it, which is
	// nil at the start. reason says in words what brought the change.
	ViewChanged(from, to *View, reason string)
}

// A Chain is the pools of one record while they are being checked.
type Chain struct {
	rec      *Record
	observer Observer
	view     atomic.Pointer[View]

	mu      sync.Mutex // guards the following
	members [][]member // as Record.Pools and their Endpoints
	stopped bool
}

// NewChain returns the Chain of a record, which serves as if everything were
// healthy until it is started.
func NewChain(rec *Record, o Observer) *Chain {
	c := &Chain{rec: rec, observer: o, members: make([][]member, len(rec.Pools))}
	for i := range rec.Pools {
		c.members[i] = newMembers(rec, &rec.Pools[i])
	}
	c.view.Store(c.build())
	return c
}

// View returns what a query sees at this moment.
func (c *Chain) View() *View { return c.view.Load() }

// Record returns the configuration. It is not to be changed.
func (c *Chain) Record() *Record { return c.rec }

// PoolName returns the name of a pool by its index, which may be None.
func (c *Chain) PoolName(p int) string {
	if p == None {
		return NoneName
	}
	return c.rec.Pools[p].Name
}

// Describe says in words what a degraded View serves. It holds no addresses.
func (c *Chain) Describe(v *View) string {
	if v.Pool != None {
		return "no pool has enough healthy endpoints: serving those of " + c.PoolName(v.Pool)
	}
	what := string(c.rec.AllDown.Kind)
	if c.rec.AllDown.Kind == AllDownPool {
		what = c.PoolName(c.rec.AllDown.Pool)
	}
	return "all pools down: serving " + what
}

// Start acquires the checkers of all endpoints. A check that is new starts from
// the state that its endpoint has in prev, the Chain of the same record before a
// reload; prev may be nil.
func (c *Chain) Start(reg *healthcheck.Registry, prev *Chain) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for p := range c.members {
		for e := range c.members[p] {
			m := &c.members[p][e]
			if !m.enabled() {
				continue
			}
			changed := func(t healthcheck.Transition) { c.update(p, e, t) }
			m.acquire(reg, prev.stateOf(m.cfg), changed)
			m.state = m.judge()
			c.observer.EndpointChanged(p, e, m.state)
		}
	}
	v := c.build()
	c.view.Store(v)
	c.need(v.State == Degraded)
	c.observer.ViewChanged(nil, v, "start")
}

// need suspends damping while the record is degraded, or takes that back.
func (c *Chain) need(is bool) {
	for _, ms := range c.members {
		for i := range ms {
			for _, l := range ms[i].leases {
				l.Need(is)
			}
		}
	}
}

// Stop gives up the checkers; the View stays as it is. Nothing is observed
// after Stop has returned.
func (c *Chain) Stop(reg *healthcheck.Registry) {
	reg.Release(c.takeLeases()...)
}

func (c *Chain) takeLeases() []*healthcheck.Lease {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stopped = true
	var leases []*healthcheck.Lease
	for _, ms := range c.members {
		for i := range ms {
			leases = append(leases, ms[i].leases...)
			ms[i].leases = nil
		}
	}
	return leases
}

// stateOf returns what is known of an endpoint, wherever in the record it
// stands. c may be nil.
func (c *Chain) stateOf(e *Endpoint) healthcheck.State {
	if c == nil {
		return healthcheck.Unknown
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, ms := range c.members {
		for i := range ms {
			if ms[i].enabled() && ms[i].cfg.Addr == e.Addr {
				return ms[i].state
			}
		}
	}
	return healthcheck.Unknown
}

// update follows a change of one of the checks of an endpoint.
func (c *Chain) update(p, e int, t healthcheck.Transition) {
	c.mu.Lock()
	defer c.mu.Unlock()
	m := &c.members[p][e]
	was, is := m.state, m.judge()
	if c.stopped || is == was {
		return
	}
	m.state = is
	if was.Healthy() == is.Healthy() { // a view is the same for unknown and up
		c.observer.EndpointChanged(p, e, is)
		return
	}
	from, to := c.view.Load(), c.build()
	c.view.Store(to)
	if to.State != from.State {
		c.need(to.State == Degraded)
	}
	c.observer.EndpointChanged(p, e, is)
	c.observer.ViewChanged(from, to, fmt.Sprintf("%s of pool %s is %s: %s", m.cfg.Name, c.rec.Pools[p].Name, is, t.Reason))
}
