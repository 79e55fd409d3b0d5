// Package pool tracks the pools of a record and decides which of them answers.
//
// A [Tracker] has the pools of one record. It holds leases on the checkers of their
// endpoints and builds a new [View] whenever a state changes. A query loads the View
// with one atomic operation. Writers hold a mutex and replace the whole View, so that
// the last one has seen every change.
//
// An answer is decided in ten stages, each with the outcome of those before it. In
// parentheses is the code that decides it:
//
//  1. witness: while this server is cut off, no endpoint changes its state; and none
//     goes down without a witness that confirms it (package healthcheck).
//  2. unknown: an endpoint without a result counts as healthy, and an inconclusive
//     result changes nothing. An address whose results are inconclusive while others
//     of its pool have conclusive ones takes their state (poolState.followedState).
//  3. thresholds and damping: fall, rise and damping decide the state of a check
//     (package healthcheck), require that of an endpoint (address.aggregate).
//  4. min_healthy: a pool is up with that many healthy endpoints (poolState.hasQuorum).
//     If no pool is up, the record is degraded: pools with at least one healthy
//     endpoint may answer (Tracker.rank, which alone decides this); without one,
//     all_down says what is answered (Tracker.allDownView).
//  5. failback: a pool that went down while it answered is held back when it is up
//     again (Tracker.updatePools, Tracker.endHolds).
//  6. prefer: the first remaining pool that the client prefers answers it
//     (policy.Chooser).
//  7. steer: else the first remaining pool in rank answers. The rank is the order of
//     the Corefile, or by latency (Tracker.reorder), or a draw by weight for each
//     client (policy.Chooser).
//  8. panic: if too few of its endpoints are healthy, all of them count as healthy
//     (poolState.set).
//  9. policy and count: which of these endpoints the answer carries (policy.Pick).
//  10. ttl: the smaller TTL while any of this may change soon (Tracker.ttlOf).
//
// The operator's word ([Orders]) is an input like the states of checks, and acts where it
// belongs: that an endpoint is up or down at 3, that a pool is at 4, a drained pool at 7 and
// a drained endpoint at 9. Which pool answers is said in place of 4 to 7, and a freeze is
// in place of 4 to 10.
package pool

import (
	"fmt"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/healthcheck/timer"
)

// An Observer is told of changes in a Tracker, after queries see them. Its methods
// are called one at a time and with the Tracker locked: they must not block and must
// not call the Tracker.
type Observer interface {
	// EndpointChanged is told of the state of an endpoint, at the start, when from is
	// to, and whenever it changes. pool is an index into the Record, reason says in
	// words why.
	EndpointChanged(pool int, endpoint string, from, to healthcheck.State, reason string)
	// EndpointGone is told that a host name, or the next plugins, do not give
	// an endpoint any more.
	EndpointGone(pool int, endpoint string)
	// ViewChanged is told of every new View and of the one before it, which is
	// nil at the start. reason is the cause in words.
	ViewChanged(from, to *View, reason string)
}

// A Tracker tracks the health of the pools of one record.
type Tracker struct {
	rec      *Record
	observer Observer
	lingers  bool // addresses are known only from queries
	view     atomic.Pointer[View]

	mu       sync.Mutex            // guards the following
	reg      *healthcheck.Registry // nil before the start
	clock    *timer.Clock          // of reg
	timer    *timer.Timer          // for the next end of a hold; nil before the first
	pools    []poolState           // as Record.Pools
	order    []int                 // the pools in rank
	orders   *Orders               // the operator's word
	recalled *Recalled             // what an earlier process knew
	serving  int                   // the pool that answers but for what the operator says of the record; or None
	since    time.Time             // when View.State or View.Pool became what they are
	reason   string                // why
	stopped  bool
}

// NewTracker returns the Tracker of a record. Until it is started, all endpoints are
// unknown and so count as healthy.
func NewTracker(rec *Record, o Observer) *Tracker {
	t := &Tracker{rec: rec, observer: o, orders: noOrders, pools: make([]poolState, len(rec.Pools)), order: make([]int, len(rec.Pools))}
	for i := range rec.Pools {
		t.pools[i], t.order[i] = newPoolState(rec, &rec.Pools[i]), i
		t.pools[i].healthy = t.pools[i].isHealthy()
	}
	t.view.Store(t.build())
	t.serving = t.View().Pool
	return t
}

// NewLearned returns the Tracker of one name below a wildcard, whose addresses are
// known only from queries.
func NewLearned(rec *Record, name string, o Observer) *Tracker {
	one := *rec
	one.Name = name
	t := NewTracker(&one, o)
	t.lingers = true
	return t
}

// View returns the current View.
func (t *Tracker) View() *View { return t.view.Load() }

// Record returns the configuration. It must not be changed.
func (t *Tracker) Record() *Record { return t.rec }

// PoolName returns the name of a pool by its index, which may be None.
func (t *Tracker) PoolName(p int) string {
	if p == None {
		return NoneName
	}
	return t.rec.Pools[p].Name
}

// Start acquires the checkers of all known endpoints. prev is the Tracker of the same
// record before a reload, or nil. A new check starts with the state that its endpoint
// has in prev. Held-back pools and looked-up addresses are taken over from there, too.
func (t *Tracker) Start(reg *healthcheck.Registry, prev *Tracker) {
	var before snapshot
	if prev != nil {
		before = prev.snapshot()
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if prev == nil {
		before = t.recalled.snapshot(t.rec)
	}
	t.reg, t.clock, t.recalled = reg, reg.Clock(), before.recalled
	for p := range t.pools {
		t.restore(p, before)
		t.pools[p].each(func(a *address) {
			if a.enabled() {
				t.startChecks(p, a, before.stateOf(a.addr, t.clock.Now()))
				a.resumeFollowing(before.pools[t.rec.Pools[p].Name].follows, t.clock.Now())
			} else if a.cfg.Disabled {
				a.since, a.reason = t.clock.Now(), whyDisabled
			}
		})
		t.pools[p].updateFollowers()
	}
	t.order = before.restoreOrder(t)
	now := t.clock.Now()
	for p := range t.pools {
		ps := &t.pools[p]
		if ps.healthy = ps.isHealthy(); ps.healthy && ps.since.IsZero() {
			ps.since = now
		}
	}
	t.forgetRecalled()
	t.endHolds(false, now)
	t.reorder()
	v := t.build()
	t.view.Store(v)
	t.noteLocked(nil, v, "start")
	t.suspendDamping(v.State == Degraded)
	t.setTimer()
	t.observer.ViewChanged(nil, v, "start")
}

// startChecks acquires the checkers of an address of the pool p.
func (t *Tracker) startChecks(p int, a *address, inherited healthcheck.State) {
	a.order = t.orders.ofAddress(t.rec.Pools[p].Name, a)
	defer t.recalled.take(a)
	var probed func()
	if t.rec.MinTTL != t.rec.TTL || t.rec.Steer.Kind == SteerLatency {
		probed = t.onProbe
	}
	a.acquire(t, p, inherited, probed)
	if t.view.Load().State == Degraded {
		a.suspendDamping(true)
	}
	t.tell(p, a, "start")
}

// suspendDamping turns damping off for the address, or on again.
func (a *address) suspendDamping(on bool) {
	for _, l := range a.leases {
		l.Need(on)
	}
}

// suspendDamping turns damping off while the record is degraded, or on again.
func (t *Tracker) suspendDamping(on bool) {
	for p := range t.pools {
		t.pools[p].each(func(a *address) { a.suspendDamping(on) })
	}
}

// Stop releases the checkers; the View stays as it is. The Observer is not called
// after Stop has returned.
func (t *Tracker) Stop(reg *healthcheck.Registry) {
	leases, hold := t.stop()
	reg.Release(leases...)
	if hold != nil {
		hold.Wait()
	}
}

// stop returns what must be released without the lock. The timer is nil if there
// was no hold.
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

// stateOf returns the state of an address in the first pool that has it, or Unknown.
func (t *Tracker) stateOf(addr netip.Addr) healthcheck.State {
	for p := range t.pools {
		if s, ok := t.pools[p].stateOf(addr); ok {
			return s
		}
	}
	return t.recalled.stateOf(addr, t.now())
}

// onTransition is called when the check k of an address of the pool p changes its state.
func (t *Tracker) onTransition(p int, a *address, k int, tr healthcheck.Transition) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.stopped || a.leases == nil {
		return
	}
	if a.streaks != nil {
		a.streaks[k].clear()
	}
	state := a.aggregate(never)
	t.updateAddress(p, a, fmt.Sprintf("%s of pool %s is %s: %s", a.name, t.rec.Pools[p].Name, state, tr.Reason))
}

// onProbe is called after every probe if the answer depends on more than states: on
// round trips, or on whether results are awaited (min_ttl).
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

// rebuildAnd replaces the View, then calls tell, then the Observer.
func (t *Tracker) rebuildAnd(tell func(), reason string) {
	from := t.view.Load()
	t.updatePools(from, t.clock.Now())
	t.reorder()
	to := t.build()
	t.view.Store(to)
	t.noteLocked(from, to, reason)
	if to.State != from.State {
		t.suspendDamping(to.State == Degraded)
	}
	t.setTimer()
	tell()
	t.observer.ViewChanged(from, to, reason)
}
