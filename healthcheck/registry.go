package healthcheck

import (
	"maps"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coredns-failover/failover/healthcheck/timer"
)

// startSpread is the time over which the first probes of checkers that start
// together are spread, so that they are not one burst.
const startSpread = time.Second

// startStep is what lies between two first probes while so few start together
// that startSpread is not needed for them.
const startStep = time.Millisecond

// A Transition is a change of what a checker says of its endpoint.
type Transition struct {
	Key      Key
	From, To State
	Reason   string // in words, such as "5 failures in 3.1s: connect: connection refused"
}

// Hooks are told what happens in a Registry. They are called by many
// goroutines at a time and must not block. A nil hook is not called.
type Hooks struct {
	// Probed is told of every probe that was not cut short by its release.
	// err is nil for a pass, and may be a [*PanicError].
	Probed func(key Key, r Result, took time.Duration, err error)
	// Changed is told of every transition, once for the checker, after the
	// holders of its leases were.
	Changed func(Transition)
	// Inconclusive is told why a probe could not ask: once, not for every probe
	// and every checker that has the same trouble, until none has had it for a
	// minute.
	Inconclusive func(key Key, cause string)
	// Frozen is told that no witness answers any more, so that nothing changes,
	// or that one does again.
	Frozen func(on bool)
	// Delayed is told of every probe that waits for its turn, because as many
	// descriptors are open for probes as may be, which are most.
	Delayed func(most int64)
}

// A Registry runs the checkers of a process, one per [Key] as long as anybody
// holds a [Lease] on it.
type Registry struct {
	hooks      Hooks
	clock      *timer.Clock
	witnesses  witnesses
	files      *openFiles
	watchQueue *watchQueue // of probes that breaks of watched connections bring about

	mu       sync.Mutex // guards the following
	checkers map[Key]*checker
	probers  map[Check]*sharedProber
	causes   map[string]int       // checkers that cannot ask, by why
	reported map[string]time.Time // when a cause was told last
	burst    int                  // checkers started since burstAt
	burstAt  time.Time            // when the first of a row of starts happened
}

// A sharedProber is used by all checkers of one Check.
type sharedProber struct {
	Prober
	users int
}

// NewRegistry returns an empty Registry.
func NewRegistry(h Hooks) *Registry { return newRegistry(new(timer.Clock), h) }

// newRegistry is NewRegistry on a clock. Timeouts of probes are of the real one:
// on a virtual clock targets answer at once.
func newRegistry(clock *timer.Clock, h Hooks) *Registry {
	return &Registry{
		hooks:      h,
		clock:      clock,
		watchQueue: newWatchQueue(clock),
		files:      newOpenFiles(probesShare(descriptorLimit())),
		checkers:   make(map[Key]*checker),
		probers:    make(map[Check]*sharedProber),
		causes:     make(map[string]int),
		reported:   make(map[string]time.Time),
	}
}

// Clock returns the clock of the checkers. What follows their results uses it too.
func (r *Registry) Clock() *timer.Clock { return r.clock }

// A Lease keeps a checker running.
type Lease struct {
	checker *checker
	changed func(Transition)
	onProbe atomic.Pointer[func()]
	onDoubt atomic.Pointer[func(cause string)]
	needs   atomic.Bool
	witness bool
}

// Acquire returns a lease on the checker of key and starts it if it is not
// running yet. A checker that starts shows the state inherited until its first
// results decide; one that runs already ignores it.
//
// changed is told of every transition from now on, until the lease is
// released; one that happens at that very moment may still come. It must not
// block and must not call back into the lease.
func (r *Registry) Acquire(key Key, inherited State, changed func(Transition)) *Lease {
	return r.acquire(&Lease{changed: changed}, key, inherited)
}

func (r *Registry) acquire(l *Lease, key Key, inherited State) *Lease {
	defer r.tellFrozen()
	r.mu.Lock()
	defer r.mu.Unlock()
	c, runs := r.checkers[key]
	if !runs {
		c = newChecker(r, key, r.proberLocked(key.Spec.Check), inherited)
		r.checkers[key] = c
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

// State returns what the checker says at this moment.
func (l *Lease) State() State { return State(l.checker.state.Load()) }

// Settled reports whether the last result agreed with the state. From the first
// contrary result on it is false, and before the first decision while the check
// can be asked.
func (l *Lease) Settled() bool { return l.checker.settled.Load() }

// RoundTrip returns how long the probes that passed took, as a moving average in
// which the last one counts an eighth (as the smoothed round-trip time of RFC
// 6298 does), or 0 if none has passed yet.
func (l *Lease) RoundTrip() time.Duration { return time.Duration(l.checker.roundTrip.Load()) }

// OnProbe lets f be called after every probe, once State, Settled and RoundTrip
// tell what came of it. f must not block and must not call back into the lease.
func (l *Lease) OnProbe(f func()) {
	if l.onProbe.Swap(&f) == nil {
		l.checker.onProbe.Add(1)
	}
}

// Need suspends damping while the endpoint is needed, because there are too few
// others, or takes that back. It does nothing that could block.
func (l *Lease) Need(on bool) {
	if l.needs.Swap(on) == on {
		return
	}
	if on {
		l.checker.needed.Add(1)
	} else {
		l.checker.needed.Add(-1)
	}
}

// endWitness lets the lease keep no witness any more, if it keeps one.
func (l *Lease) endWitness() {
	if l.witness {
		l.witness = false
		l.checker.registry.witnesses.remove(l.checker)
	}
}

// Release gives leases back. Checkers that nobody holds any more are stopped,
// their probes cut short; when Release returns, these have ended. Releasing
// a lease again does nothing.
func (r *Registry) Release(leases ...*Lease) {
	var idle []*checker
	r.mu.Lock()
	for _, l := range leases {
		l.Need(false)
		l.endWitness()
		if c := l.checker; c.unsubscribe(l) {
			delete(r.checkers, c.key)
			r.dropProberLocked(c.key.Spec.Check)
			idle = append(idle, c)
		}
	}
	r.mu.Unlock()
	r.tellFrozen()
	for _, c := range idle {
		c.stop() // all of them first: an interrupted probe leaves its descriptors to the next
	}
	for _, c := range idle {
		c.interrupt()
	}
	for _, c := range idle {
		c.wait()
	}
}

// Len returns the number of running checkers.
func (r *Registry) Len() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.checkers)
}

// Ready reports whether every checker has had its first result or the time for
// it has passed.
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

func (r *Registry) probed(key Key, res Result, took time.Duration, err error) {
	if f := r.hooks.Probed; f != nil {
		f(key, res, took, err)
	}
}

func (r *Registry) delayed() {
	if f := r.hooks.Delayed; f != nil {
		f(r.files.most)
	}
}

func (r *Registry) changed(t Transition) {
	if f := r.hooks.Changed; f != nil {
		f(t)
	}
}

// tellFrozen is called without a lock, wherever the witnesses may have changed
// their mind.
func (r *Registry) tellFrozen() { r.witnesses.tell(r.hooks.Frozen) }

// causeChanged keeps count of what keeps checkers from asking; "" is nothing.
func (r *Registry) causeChanged(key Key, was, is string) {
	r.mu.Lock()
	if r.causes[was]--; r.causes[was] <= 0 {
		delete(r.causes, was)
	}
	if is != "" {
		r.causes[is]++
	}
	// A cause that changes from probe to probe is in somebody else's words.
	first := was == "" && r.causes[is] == 1 && r.firstSinceLocked(is)
	r.mu.Unlock()
	if f := r.hooks.Inconclusive; f != nil && first {
		f(key, is)
	}
}

// causeRest is how long a cause that comes and goes is not told again.
const causeRest = time.Minute

func (r *Registry) firstSinceLocked(cause string) bool {
	now := r.clock.Now()
	maps.DeleteFunc(r.reported, func(_ string, at time.Time) bool { return now.Sub(at) >= causeRest })
	if _, ok := r.reported[cause]; ok {
		return false
	}
	r.reported[cause] = now
	return true
}

func (r *Registry) proberLocked(c Check) Prober {
	p, ok := r.probers[c]
	if !ok {
		p = &sharedProber{Prober: c.Prober()}
		r.probers[c] = p
	}
	p.users++
	return p.Prober
}

func (r *Registry) dropProberLocked(c Check) {
	p := r.probers[c]
	if p.users--; p.users == 0 {
		delete(r.probers, c)
	}
}

// delayLocked returns how long a checker that starts now waits for its first
// probe: the first of a row a moment, later ones ever longer until startSpread
// is full, the rest anywhere within it.
func (r *Registry) delayLocked() time.Duration {
	if now := r.clock.Now(); r.burst == 0 || now.Sub(r.burstAt) > startSpread {
		r.burst, r.burstAt = 0, now
	}
	d := time.Duration(r.burst) * startStep
	r.burst++
	if d > startSpread {
		return rand.N(startSpread)
	}
	return d
}
