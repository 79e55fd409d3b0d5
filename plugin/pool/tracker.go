// Package pool keeps the pools of a record and says which of them answers.
//
// A [Tracker] is the pools of one record in rank. It holds leases on the checkers
// of its endpoints and builds a new [View] whenever one of them changes its
// mind. Readers load the View with one atomic operation; writers are serialised
// and replace it whole, so that the last one has seen every change.
//
// What answers is decided in this order, here up to the ranks and in package
// policy from the client's say on:
//
//  1. A witness: while this server is cut off, no endpoint changes its state,
//     and none goes down that no witness confirms (package healthcheck).
//  2. Unknown: an endpoint of which nothing is known yet is healthy, and a
//     result that says nothing changes nothing. One that cannot be asked, while
//     others of its pool can, counts as these do (doubt).
//  3. Thresholds, then damping: an endpoint is down once too few of its checks
//     can pass (package healthcheck).
//  4. min_healthy: a pool is up with so many healthy endpoints. If none is, the
//     record is degraded, and pools with any healthy endpoint may answer;
//     without one, all_down says what is answered.
//  5. failback: a pool that was left because it was down is held back.
//  6. prefer: the first of what is left that the client prefers answers it.
//  7. steer: else the first in rank, be it of the Corefile or by latency, or one
//     that is drawn by weight.
//  8. panic: if few of that pool are healthy, all of it is.
//  9. policy, then its count: which of these the answer carries.
//  10. ttl: the smaller one if any of this may change soon.
package pool

import (
	"fmt"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/healthcheck/timer"
)

// An Observer is told what changes in a Tracker, after queries see it. Its
// methods are called one at a time, with the Tracker locked: they must not block
// and must not call into it.
type Observer interface {
	// EndpointChanged is told of the state of an endpoint, at the start and
	// whenever it changes. pool is an index into the Record.
	EndpointChanged(pool int, endpoint string, s healthcheck.State)
	// EndpointGone is told that a host name, or the next plugins, do not give
	// an endpoint any more.
	EndpointGone(pool int, endpoint string)
	// ViewChanged is told of every new View and of the one before it, which is
	// nil at the start. reason says in words what brought the change.
	ViewChanged(from, to *View, reason string)
}

// A Tracker is the pools of one record while they are being checked.
type Tracker struct {
	rec      *Record
	observer Observer
	lingers  bool // addresses are known only from queries
	view     atomic.Pointer[View]

	mu      sync.Mutex            // guards the following
	reg     *healthcheck.Registry // nil before the start
	clock   *timer.Clock          // of reg
	timer   *timer.Timer          // for the end of a hold; nil before the start
	pools   []poolState           // as Record.Pools
	order   []int                 // the pools in rank
	stopped bool
}

// NewTracker returns the Tracker of a record, which serves as if everything were
// healthy until it is started.
func NewTracker(rec *Record, o Observer) *Tracker {
	c := &Tracker{rec: rec, observer: o, pools: make([]poolState, len(rec.Pools)), order: make([]int, len(rec.Pools))}
	for i := range rec.Pools {
		c.pools[i], c.order[i] = newPoolState(rec, &rec.Pools[i]), i
		c.pools[i].up = c.pools[i].hasQuorum()
	}
	c.view.Store(c.build())
	return c
}

// NewLearned returns the Tracker of one name that a wildcard covers, of which the
// addresses are known from queries alone.
func NewLearned(rec *Record, name string, o Observer) *Tracker {
	one := *rec
	one.Name = name
	c := NewTracker(&one, o)
	c.lingers = true
	return c
}

// View returns what a query sees at this moment.
func (c *Tracker) View() *View { return c.view.Load() }

// Record returns the configuration. It is not to be changed.
func (c *Tracker) Record() *Record { return c.rec }

// PoolName returns the name of a pool by its index, which may be None.
func (c *Tracker) PoolName(p int) string {
	if p == None {
		return NoneName
	}
	return c.rec.Pools[p].Name
}

// Start acquires the checkers of all endpoints that are known. A check that is
// new starts from the state that its endpoint has in prev, the Tracker of the same
// record before a reload, and so do pools that are held back, and addresses of
// host names and from the next plugins; prev may be nil.
func (c *Tracker) Start(reg *healthcheck.Registry, prev *Tracker) {
	var before snapshot
	if prev != nil {
		before = prev.snapshot()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.reg, c.clock = reg, reg.Clock()
	c.timer = c.clock.New(c.release)
	for p := range c.pools {
		c.restore(p, before)
		c.pools[p].each(func(m *address) {
			if m.enabled() {
				c.check(p, m, before.states[m.addr])
				m.goOn(before.pools[c.rec.Pools[p].Name].follows, c.clock.Now())
			}
		})
		c.pools[p].follow()
	}
	c.order = before.reorder(c)
	now := c.clock.Now()
	for p := range c.pools {
		g := &c.pools[p]
		if g.up = g.hasQuorum(); g.up && g.since.IsZero() {
			g.since = now
		}
	}
	c.endHolds(false, now)
	c.reorder()
	v := c.build()
	c.view.Store(v)
	c.need(v.State == Degraded)
	c.setTimer()
	c.observer.ViewChanged(nil, v, "start")
}

// check acquires the checkers of an address of the pool p.
func (c *Tracker) check(p int, m *address, inherited healthcheck.State) {
	var probed func()
	if c.rec.MinTTL != c.rec.TTL || c.rec.Steer.Kind == SteerLatency {
		probed = c.probed
	}
	m.acquire(c.reg, inherited,
		func(k int, t healthcheck.Transition) { c.update(p, m, k, t) },
		func(k int, cause string) { c.doubted(p, m, k, cause) }, probed)
	if c.view.Load().State == Degraded {
		m.need(true)
	}
	c.observer.EndpointChanged(p, m.name, m.shown)
}

func (m *address) need(is bool) {
	for _, l := range m.leases {
		l.Need(is)
	}
}

// need suspends damping while the record is degraded, or takes that back.
func (c *Tracker) need(is bool) {
	for p := range c.pools {
		c.pools[p].each(func(m *address) { m.need(is) })
	}
}

// Stop gives up the checkers; the View stays as it is. Nothing is observed
// after Stop has returned.
func (c *Tracker) Stop(reg *healthcheck.Registry) {
	leases, hold := c.stop()
	reg.Release(leases...)
	if hold != nil {
		hold.Wait()
	}
}

// stop returns what is left to be ended without the lock. The timer is nil if the
// Tracker was not started.
func (c *Tracker) stop() (leases []*healthcheck.Lease, hold *timer.Timer) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stopped = true
	if c.timer != nil {
		c.timer.Stop()
	}
	for p := range c.pools {
		c.pools[p].each(func(m *address) {
			leases = append(leases, m.leases...)
			m.leases = nil
		})
	}
	return leases, c.timer
}

// stateOf returns what is known of an address, wherever in the record it stands.
func (c *Tracker) stateOf(addr netip.Addr) healthcheck.State {
	for p := range c.pools {
		if s, ok := c.pools[p].stateOf(addr); ok {
			return s
		}
	}
	return healthcheck.Unknown
}

// update follows a change of one of the checks of an address.
func (c *Tracker) update(p int, m *address, k int, t healthcheck.Transition) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stopped || m.leases == nil {
		return
	}
	m.doubts[k].clear()
	is := m.aggregate(never)
	c.recount(p, m, fmt.Sprintf("%s of pool %s is %s: %s", m.name, c.rec.Pools[p].Name, is, t.Reason))
}

// probed follows every probe, where the answer depends on more than states.
func (c *Tracker) probed() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stopped {
		return
	}
	order, v := c.order, c.view.Load()
	c.reorder()
	if !slices.Equal(order, c.order) {
		c.rebuild("it is faster by more than the margin")
	} else if len(v.Ranked) > 0 && v.TTL != c.rec.ttls()[c.ttlOf(v)] {
		c.rebuild("")
	}
}

// rebuild replaces the View.
func (c *Tracker) rebuild(reason string) { c.rebuildAnd(func() {}, reason) }

// rebuildAnd replaces the View, and calls tell before that is observed.
func (c *Tracker) rebuildAnd(tell func(), reason string) {
	from := c.view.Load()
	c.updatePools(from, c.clock.Now())
	c.reorder()
	to := c.build()
	c.view.Store(to)
	if to.State != from.State {
		c.need(to.State == Degraded)
	}
	c.setTimer()
	tell()
	c.observer.ViewChanged(from, to, reason)
}
