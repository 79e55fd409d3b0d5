package healthcheck

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// A checker probes one address for one Spec, again and again. Between probes it
// is a timer; the timer's function is the loop.
type checker struct {
	key       Key
	prober    Prober
	registry  *Registry
	cost      int64          // descriptors that a probe takes
	state     atomic.Uint32  // the State, for readers
	first     atomic.Bool    // the first probe has ended
	settled   atomic.Bool    // no result speaks against the state; see Lease
	unasked   atomic.Bool    // the last results were all inconclusive; see machine
	roundTrip atomic.Int64   // of the probes that passed, smoothed, in nanoseconds
	followed  atomic.Int32   // leases that want to know of every probe
	needed    atomic.Int32   // leases for which damping is suspended
	due       time.Time      // when the first probe has ended at the latest
	running   sync.WaitGroup // one while the timer is set or its function runs

	mu      sync.Mutex // guards the following
	machine machine
	timer   *time.Timer
	leases  []*Lease
	watch   watch
	cancel  context.CancelFunc // ends the probe in flight, if there is one
	began   time.Time          // when that or the last one did
	hurried bool               // another is to follow it
	next    time.Time          // when the timer is set for
	sooner  time.Time          // when the next is wanted, if not at its time
	cause   string             // why the last probe could not ask, or ""
	asked   time.Time          // when the last probe began that could ask
	doubted bool               // no result has agreed with the state since one that could not ask
	stopped bool
}

func newChecker(r *Registry, key Key, p Prober, inherited State) *checker {
	c := &checker{key: key, prober: p, registry: r, machine: machine{state: inherited}}
	c.cost = min(costOf(key.Spec.Check), r.files.most)
	c.state.Store(uint32(inherited))
	return c
}

// start probes for the first time after delay.
func (c *checker) start(delay time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.next = time.Now().Add(delay)
	c.due = c.next.Add(c.key.Spec.Timeout)
	c.running.Add(1)
	c.timer = time.AfterFunc(delay, c.run)
}

// stop cuts the probe in flight short and lets none follow. It does not wait.
func (c *checker) stop() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stopped = true
	if c.timer.Stop() {
		c.running.Done() // run will not be called any more
	}
	if c.cancel != nil {
		c.cancel()
	}
	for _, conn := range []Watched{c.watch.conn, c.watch.broken} {
		if conn != nil {
			conn.Close()
		}
	}
	c.watch.broken = nil
}

// run is one turn of the loop: probe, judge, tell, set the timer. What follows
// the probe has a frame of its own, because thousands may wait in the former.
func (c *checker) run() {
	defer c.running.Done()
	if c.key.Spec.Watch {
		c.letGo()
	}
	if !c.takeDescriptors() {
		return
	}
	ctx, ok := c.begin()
	if !ok {
		c.registry.files.Release(c.cost)
		return
	}
	start := time.Now()
	conn, err := c.probe(ctx)
	if conn != nil {
		conn = c.registry.files.keep(conn)
	}
	c.registry.files.Release(c.cost)
	if c.conclude(conn, err, start, time.Now()) {
		c.schedule(start)
	}
}

// conclude does what a result brings about. It returns false if the checker was
// stopped in the meantime.
func (c *checker) conclude(conn Watched, err error, start, end time.Time) bool {
	t, changed, ok := c.judge(err, start, end)
	if c.key.Spec.Watch {
		c.hold(conn)
	}
	if !ok {
		return false
	}
	if t.suspected {
		c.registry.witnesses.hasten()
	}
	if changed {
		c.tell(t) // before anything that may have to wait, such as for the log
	}
	if t.doubted {
		c.tellDoubt(err)
	}
	if c.followed.Load() > 0 {
		c.follow()
	}
	c.registry.tellFrozen()
	c.registry.probed(c.key, resultOf(err), end.Sub(start), err)
	c.report(err)
	return true
}

// begin returns the context of a probe that stop can cut short, and false if
// the checker has been stopped.
func (c *checker) begin() (context.Context, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stopped {
		return nil, false
	}
	ctx, cancel := WithTimeout(context.Background(), c.key.Spec.Timeout)
	c.cancel, c.began, c.sooner = cancel, time.Now(), time.Time{}
	return ctx, true
}

// probe asks once. A probe that panics has failed: a panic in a goroutine of
// ours would end the server.
func (c *checker) probe(ctx context.Context) (conn Watched, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &PanicError{Value: v, Stack: debug.Stack()}
		}
	}()
	ctx = WithSources(ctx, c.key.Spec.Source4, c.key.Spec.Source6)
	if w, ok := c.prober.(Watcher); ok && c.key.Spec.Watch {
		return w.Watch(ctx, c.key.Addr)
	}
	err = c.prober.Probe(ctx, c.key.Addr)
	if c.key.Spec.Invert {
		err = invert(err)
	}
	return nil, err
}

var errInverted = errors.New("it passes, and the check is inverted")

func invert(err error) error {
	switch resultOf(err) {
	case Pass:
		return errInverted
	case Fail:
		return nil
	default:
		return err
	}
}

// judge takes the result in. It returns false if the checker was stopped in the
// meantime: then the result is that of the stop.
func (c *checker) judge(err error, start, end time.Time) (t Transition, changed, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cancel()
	c.cancel = nil
	if c.stopped {
		return t, false, false
	}
	t.Key, t.From = c.key, c.machine.state
	t.Reason, changed = c.observeLocked(resultOf(err), start, end)
	t.To = c.machine.state
	t.suspected = resultOf(err) == Fail && c.machine.count == 1
	t.doubted = c.doubtLocked(resultOf(err), start)
	if err != nil {
		t.Reason += ": " + err.Error()
	}
	c.state.Store(uint32(t.To))
	c.settled.Store(c.machine.quiet(&c.key.Spec))
	if err == nil {
		c.measureLocked(end.Sub(start))
	}
	c.first.Store(true)
	return t, changed, true
}

// observeLocked hands a result to the machine, unless this server is cut off:
// then what it sees of others says nothing, and what was counted is void. That
// goes for witnesses too, which may be endpoints as well.
func (c *checker) observeLocked(r Result, start, end time.Time) (why string, changed bool) {
	w := &c.registry.witnesses
	w.note(c, r, start)
	if w.cutOff.Load() {
		c.machine.forget()
		return "", false
	}
	cond := conditions{undamped: c.needed.Load() > 0, confirmed: w.confirmed}
	return c.machine.observe(&c.key.Spec, cond, r, start, end)
}

// hasten lets the next probe begin at once, but for a FastInterval between two.
// One that is in flight began too early, and is followed by another.
func (c *checker) hasten() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cancel != nil {
		c.hurried = true
	}
	if !c.stopped && c.timer != nil { // else the first is still to begin
		c.advanceLocked(c.began.Add(c.key.Spec.FastInterval))
	}
}

// report tells the registry that the checker could not ask and why, or that it
// can again.
func (c *checker) report(err error) {
	cause := ""
	if resultOf(err) == CouldNotAsk {
		cause = err.Error()
	}
	c.mu.Lock()
	was := c.cause
	c.cause = cause
	c.mu.Unlock()
	if was != cause {
		c.registry.causeChanged(c.key, was, cause)
	}
}

// tell passes a transition on, without holding a lock.
func (c *checker) tell(t Transition) {
	c.mu.Lock()
	leases := slices.Clone(c.leases)
	c.mu.Unlock()
	for _, l := range leases {
		l.changed(t)
	}
	c.registry.changed(t)
}

// follow tells those who want to know of every probe, without holding a lock.
func (c *checker) follow() {
	c.mu.Lock()
	leases := slices.Clone(c.leases)
	c.mu.Unlock()
	for _, l := range leases {
		if f := l.probed.Load(); f != nil {
			(*f)()
		}
	}
}

// measureLocked takes in how long a probe took that passed.
func (c *checker) measureLocked(took time.Duration) {
	smoothed := time.Duration(c.roundTrip.Load())
	if smoothed == 0 {
		smoothed = took
	}
	smoothed += (took - smoothed) / 8
	c.roundTrip.Store(int64(max(1, smoothed))) // 0 is none
}

// schedule sets the timer for the probe after one that began at start. One that
// is overdue, because the last took so long, follows at once.
func (c *checker) schedule(start time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stopped {
		return
	}
	next := start.Add(c.waitLocked())
	if !c.sooner.IsZero() && c.sooner.Before(next) {
		next = c.sooner
	}
	c.next = next
	c.running.Add(1)
	c.timer.Reset(time.Until(next))
}

// waitLocked returns the time from the start of a probe to the start of the next.
func (c *checker) waitLocked() time.Duration {
	hurry := c.machine.hurry() || c.hurried || c.registry.witnesses.wait(c)
	c.hurried = false
	return c.key.Spec.wait(hurry, rand.Int64N)
}

// reported reports whether the first probe has ended, or should have by now.
func (c *checker) reported(now time.Time) bool {
	return c.first.Load() || now.After(c.due)
}

func (c *checker) subscribe(l *Lease) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.leases = append(c.leases, l)
}

// unsubscribe reports whether l was the last lease.
func (c *checker) unsubscribe(l *Lease) (last bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	i := slices.Index(c.leases, l)
	if i < 0 {
		return false
	}
	c.leases = slices.Delete(c.leases, i, i+1)
	if l.probed.Load() != nil {
		c.followed.Add(-1)
	}
	return len(c.leases) == 0
}

func resultOf(err error) Result {
	switch {
	case err == nil:
		return Pass
	case errors.Is(err, ErrCannotAsk):
		return CouldNotAsk
	default:
		return Fail
	}
}

// A PanicError is the failure of a probe that panicked.
type PanicError struct {
	Value any
	Stack []byte
}

func (e *PanicError) Error() string { return fmt.Sprintf("the probe panicked: %v", e.Value) }

var _ Prober = ProberFunc(nil)

// A ProberFunc is a function that is a [Prober].
type ProberFunc func(ctx context.Context, addr netip.Addr) error

// Probe calls f.
func (f ProberFunc) Probe(ctx context.Context, addr netip.Addr) error { return f(ctx, addr) }
