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
	t := &Tracker{rec: rec, observer: o, pools: make([]poolState, len(rec.Pools)), order: make([]int, len(rec.Pools))}
	for i := range rec.Pools {
		t.pools[i], t.order[i] = newPoolState(rec, &rec.Pools[i]), i
		t.pools[i].up = t.pools[i].hasQuorum()
	}
	t.view.Store(t.build())
	return t
}

// NewLearned returns the Tracker of one name that a wildcard covers, of which the
// addresses are known from queries alone.
func NewLearned(rec *Record, name string, o Observer) *Tracker {
	one := *rec
	one.Name = name
	t := NewTracker(&one, o)
	t.lingers = true
	return t
}

// View returns what a query sees at this moment.
func (t *Tracker) View() *View { return t.view.Load() }

// Record returns the configuration. It is not to be changed.
func (t *Tracker) Record() *Record { return t.rec }

// PoolName returns the name of a pool by its index, which may be None.
func (t *Tracker) PoolName(p int) string {
	if p == None {
		return NoneName
	}
	return t.rec.Pools[p].Name
}

// Start acquires the checkers of all endpoints that are known. A check that is
// new starts from the state that its endpoint has in prev, the Tracker of the same
// record before a reload, and so do pools that are held back, and addresses of
// host names and from the next plugins; prev may be nil.
func (t *Tracker) Start(reg *healthcheck.Registry, prev *Tracker) {
	var before snapshot
	if prev != nil {
		before = prev.snapshot()
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.reg, t.clock = reg, reg.Clock()
	t.timer = t.clock.New(t.onTimer)
	for p := range t.pools {
		t.restore(p, before)
		t.pools[p].each(func(a *address) {
			if a.enabled() {
				t.startChecks(p, a, before.states[a.addr])
				a.resumeFollowing(before.pools[t.rec.Pools[p].Name].follows, t.clock.Now())
			}
		})
		t.pools[p].updateFollowers()
	}
	t.order = before.restoreOrder(t)
	now := t.clock.Now()
	for p := range t.pools {
		ps := &t.pools[p]
		if ps.up = ps.hasQuorum(); ps.up && ps.since.IsZero() {
			ps.since = now
		}
	}
	t.endHolds(false, now)
	t.reorder()
	v := t.build()
	t.view.Store(v)
	t.suspendDamping(v.State == Degraded)
	t.setTimer()
	t.observer.ViewChanged(nil, v, "start")
}

// check acquires the checkers of an address of the pool p.
func (t *Tracker) startChecks(p int, a *address, inherited healthcheck.State) {
	var probed func()
	if t.rec.MinTTL != t.rec.TTL || t.rec.Steer.Kind == SteerLatency {
		probed = t.onProbe
	}
	a.acquire(t.reg, inherited,
		func(k int, tr healthcheck.Transition) { t.onTransition(p, a, k, tr) },
		func(k int, cause string) { t.onInconclusive(p, a, k, cause) }, probed)
	if t.view.Load().State == Degraded {
		a.suspendDamping(true)
	}
	t.observer.EndpointChanged(p, a.name, a.shown)
}

func (a *address) suspendDamping(on bool) {
	for _, l := range a.leases {
		l.Need(on)
	}
}

// need suspends damping while the record is degraded, or takes that back.
func (t *Tracker) suspendDamping(on bool) {
	for p := range t.pools {
		t.pools[p].each(func(a *address) { a.suspendDamping(on) })
	}
}

// Stop gives up the checkers; the View stays as it is. Nothing is observed
// after Stop has returned.
func (t *Tracker) Stop(reg *healthcheck.Registry) {
	leases, hold := t.stop()
	reg.Release(leases...)
	if hold != nil {
		hold.Wait()
	}
}

// stop returns what is left to be ended without the lock. The timer is nil if the
// Tracker was not started.
func (t *Tracker) stop() (leases []*healthcheck.Lease, hold *timer.Timer) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.stopped = true
	if t.timer != nil {
		t.timer.Stop()
	}
	for p := range t.pools {
		t.pools[p].each(func(a *address) {
			leases = append(leases, a.leases...)
			a.leases = nil
		})
	}
	return leases, t.timer
}

// stateOf returns what is known of an address, wherever in the record it stands.
func (t *Tracker) stateOf(addr netip.Addr) healthcheck.State {
	for p := range t.pools {
		if s, ok := t.pools[p].stateOf(addr); ok {
			return s
		}
	}
	return healthcheck.Unknown
}

// update follows a change of one of the checks of an address.
func (t *Tracker) onTransition(p int, a *address, k int, tr healthcheck.Transition) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.stopped || a.leases == nil {
		return
	}
	a.streaks[k].clear()
	state := a.aggregate(never)
	t.updateAddress(p, a, fmt.Sprintf("%s of pool %s is %s: %s", a.name, t.rec.Pools[p].Name, state, tr.Reason))
}

// probed follows every probe, where the answer depends on more than states.
func (t *Tracker) onProbe() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.stopped {
		return
	}
	order, v := t.order, t.view.Load()
	t.reorder()
	if !slices.Equal(order, t.order) {
		t.rebuild("it is faster by more than the margin")
	} else if len(v.Ranked) > 0 && v.TTL != t.rec.ttls()[t.ttlOf(v)] {
		t.rebuild("")
	}
}

// rebuild replaces the View.
func (t *Tracker) rebuild(reason string) { t.rebuildAnd(func() {}, reason) }

// rebuildAnd replaces the View, and calls tell before that is observed.
func (t *Tracker) rebuildAnd(tell func(), reason string) {
	from := t.view.Load()
	t.updatePools(from, t.clock.Now())
	t.reorder()
	to := t.build()
	t.view.Store(to)
	if to.State != from.State {
		t.suspendDamping(to.State == Degraded)
	}
	t.setTimer()
	tell()
	t.observer.ViewChanged(from, to, reason)
}
