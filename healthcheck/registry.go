package healthcheck

import (
	"sync"
	"time"

	"github.com/coredns-failover/failover/healthcheck/timer"
)

// A Registry runs checkers: one per [Key], as long as a [Lease] is held on it.
type Registry struct {
	hooks      Hooks
	clock      *timer.Clock
	witnesses  witnesses
	files      *openFiles
	watchQueue *watchQueue // of checkers whose watched connection broke

	mu       sync.Mutex // guards the following
	checkers map[checkerKey]*checker
	specs    map[Spec]*sharedSpec
	probers  map[Check]*sharedProber
	causes   map[string]int       // number of inconclusive checkers by cause
	reported map[string]time.Time // when the hook was last called with a cause
	burst    int                  // checkers started since burstAt
	burstAt  time.Time            // when the first of them started
}

// NewRegistry returns an empty Registry.
func NewRegistry(h Hooks) *Registry { return newRegistry(new(timer.Clock), h) }

// newRegistry is NewRegistry with a clock. Timeouts run on the real clock: on a virtual
// one, targets answer at once.
func newRegistry(clock *timer.Clock, h Hooks) *Registry {
	return &Registry{
		hooks:      h,
		clock:      clock,
		watchQueue: newWatchQueue(clock),
		files:      newOpenFiles(probesShare(descriptorLimit())),
		checkers:   make(map[checkerKey]*checker),
		specs:      make(map[Spec]*sharedSpec),
		probers:    make(map[Check]*sharedProber),
		causes:     make(map[string]int),
		reported:   make(map[string]time.Time),
	}
}

// Clock returns the clock of the checkers, for timers that depend on their results.
func (r *Registry) Clock() *timer.Clock { return r.clock }

// Acquire returns a lease on the checker of key, which it starts if it does not run yet.
// A checker that starts has the state inherited until its first decision; a running one
// ignores it.
//
// changed is called for every transition until the lease is released, and perhaps once
// more during the release. It must not block and must not release a lease.
func (r *Registry) Acquire(key Key, inherited State, changed func(Transition)) *Lease {
	return r.acquire(&Lease{changed: changed}, key, inherited)
}

func (r *Registry) acquire(l *Lease, key Key, inherited State) *Lease {
	defer r.callFrozen()
	r.mu.Lock()
	defer r.mu.Unlock()
	c, runs := r.checkers[checkerKey{r.specs[key.Spec], key.Addr}]
	if !runs {
		spec := r.specLocked(key.Spec)
		c = newChecker(r, spec, key.Addr, inherited)
		r.checkers[checkerKey{spec, key.Addr}] = c
	}
	l.checker = c
	c.subscribe(l)
	if l.witness {
		r.witnesses.add(c)
	}
	if !runs {
		c.start(r.delayLocked())
	}
	return l
}

// Release releases leases, and stops the checkers that have no other. It cancels their
// probes, and returns when these have ended. It does nothing for a lease that was
// released before. It must not be called from a callback of this package.
func (r *Registry) Release(leases ...*Lease) {
	var idle []*checker
	r.mu.Lock()
	for _, l := range leases {
		l.Need(false)
		l.endWitness()
		if c := l.checker; c.unsubscribe(l) {
			delete(r.checkers, checkerKey{c.spec, c.addr})
			r.dropSpecLocked(c.spec)
			idle = append(idle, c)
		}
	}
	r.mu.Unlock()
	r.callFrozen()
	for _, c := range idle {
		c.stop() // all first, so that no descriptor that is freed goes to one of them
	}
	for _, c := range idle {
		c.interrupt()
	}
	for _, c := range idle {
		c.wait()
	}
}

// Wake lets the next probes begin now of the checks that which picks: there is news of what
// they probe. No check is probed more often than every FastInterval because of that.
func (r *Registry) Wake(which func(Check) bool) {
	var woken []*checker
	r.mu.Lock()
	for _, c := range r.checkers {
		if which(c.spec.Check) {
			woken = append(woken, c)
		}
	}
	r.mu.Unlock()
	for _, c := range woken {
		c.wake()
	}
}

// Len returns the number of running checkers.
func (r *Registry) Len() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.checkers)
}

// Ready reports whether every checker has had its first result, or the time for it has
// passed.
func (r *Registry) Ready() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.clock.Now()
	for _, c := range r.checkers {
		if !c.reported(now) {
			return false
		}
	}
	return true
}
