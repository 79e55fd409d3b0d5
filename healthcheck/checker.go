package healthcheck

import (
	"context"
	"net/netip"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coredns-failover/failover/healthcheck/timer"
)

// A checker probes one address for one Spec, again and again. Its loop is a timer that
// calls run, and is set again by each run.
type checker struct {
	spec         *sharedSpec
	addr         netip.Addr // whom a probe asks
	registry     *Registry
	timer        *timer.Timer
	state        atomic.Uint32 // a State, read without the mutex
	first        atomic.Bool   // the first probe has ended
	settled      atomic.Bool   // see Lease.Settled
	inconclusive atomic.Bool   // see Lease.Inconclusive
	roundTrip    atomic.Int64  // in nanoseconds; see Lease.RoundTrip
	onProbe      atomic.Int32  // leases with an OnProbe function
	needed       atomic.Int32  // leases that need the endpoint; see Lease.Need
	due          time.Time     // when the first probe times out; zero before the start

	mu         sync.Mutex // guards the following
	phase      phase
	doubted    bool // no result has agreed with the state since an inconclusive one
	machine    machine
	leases     []*Lease
	watch      *watch             // nil without Spec.Watch
	cancel     context.CancelFunc // ends the probe in flight, if there is one
	began      time.Time          // when that or the last one began
	cause      string             // why the last probe was inconclusive, or ""
	conclusive time.Time          // when the last conclusive probe began
	since      time.Time          // when the state became what it is, or when the checker was made
	last       LastProbe
}

// A phase is what a checker is doing.
//
//	             run                  apply
//	waiting ------------> probing ------------> waiting
//	   |                     |
//	   +------- stop --------+---> stopped
//
// While waiting, the timer is set, or callbacks for the last result are running. Probing
// includes the wait for descriptors; a wake during it leads to another probe at its end.
// Once stopped, the result of a probe in flight is dropped.
type phase uint8

const (
	waiting phase = iota
	probing
	stopped
)

func newChecker(r *Registry, spec *sharedSpec, addr netip.Addr, inherited State) *checker {
	c := &checker{spec: spec, addr: addr, registry: r, machine: machine{state: inherited}, since: r.clock.Now()}
	c.timer = r.clock.New(c.run)
	if spec.Watch {
		c.watch = new(watch)
	}
	c.state.Store(uint32(inherited))
	return c
}

// key returns what identifies the checker.
func (c *checker) key() Key { return Key{Spec: c.spec.Spec, Addr: c.addr} }

// start sets the timer for the first probe.
func (c *checker) start(delay time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	first := c.registry.clock.Now().Add(delay)
	c.due = first.Add(c.spec.Timeout)
	c.timer.At(first, 0)
}

// stop prevents further probes.
func (c *checker) stop() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.phase = stopped
	c.timer.Stop()
}

// interrupt cancels the probe in flight of a stopped checker and closes its connections.
// It does not wait.
func (c *checker) interrupt() {
	c.mu.Lock()
	cancel := c.cancel
	var conns [2]Watched
	if w := c.watch; w != nil {
		conns = [...]Watched{w.conn, w.broken}
		w.broken = nil
	}
	c.mu.Unlock()
	if cancel != nil {
		cancel()
	}
	for _, conn := range conns {
		if conn != nil {
			conn.Close()
		}
	}
}

// wait waits until nothing is left of a stopped checker.
func (c *checker) wait() {
	c.timer.Wait()
	if c.watch != nil {
		c.watch.awaited.Wait()
	}
	c.mu.Lock()
	was := c.cause
	c.cause = ""
	c.mu.Unlock()
	if was != "" {
		c.registry.causeChanged(c.key(), was, "")
	}
}

// run probes once. The rest is in conclude, to keep this stack frame small: thousands of
// goroutines may wait in the probe.
func (c *checker) run() {
	if c.spec.Watch {
		c.closeBroken()
	}
	if !c.takeDescriptors() {
		return
	}
	files := c.registry.files
	ctx, ok := c.begin()
	if !ok {
		files.Release(c.spec.cost)
		return
	}
	start := c.registry.clock.Now()
	conn, err := c.probe(ctx)
	if conn != nil {
		conn = files.keep(conn)
	}
	files.Release(c.spec.cost)
	c.conclude(conn, err, start)
}

// begin returns the context of a probe, which interrupt can cancel. ok is false if the
// checker was stopped. An earlier wake is served by this probe.
func (c *checker) begin() (ctx context.Context, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.phase == stopped {
		return nil, false
	}
	ctx, cancel := WithTimeout(context.Background(), c.spec.Timeout)
	c.phase, c.cancel, c.began = probing, cancel, c.registry.clock.Now()
	c.timer.Cancel()
	return ctx, true
}

// probe calls the Prober. A panic is a failure: in this goroutine it would end the server.
func (c *checker) probe(ctx context.Context) (conn Watched, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &PanicError{Value: v, Stack: debug.Stack()}
		}
	}()
	ctx = WithSources(ctx, c.spec.Source4, c.spec.Source6)
	if w, ok := c.spec.prober.(Watcher); ok && c.spec.Watch {
		return w.Watch(ctx, c.addr)
	}
	err = c.spec.prober.Probe(ctx, c.addr)
	if c.spec.Invert {
		err = invert(err)
	}
	return nil, err
}

// wake lets the next probe begin now, or a FastInterval after the start of the last one.
// A probe in flight began before the wake, so another follows it.
func (c *checker) wake() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.due.IsZero() { // else start sets the timer
		c.timer.NoLaterThan(c.began.Add(c.spec.FastInterval))
	}
}

// reported reports whether the first probe has ended, or its time has passed.
func (c *checker) reported(now time.Time) bool {
	return c.first.Load() || now.After(c.due)
}

func (c *checker) subscribe(l *Lease) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.leases = append(c.leases, l)
}

// unsubscribe removes l and reports whether it was the last lease.
func (c *checker) unsubscribe(l *Lease) (last bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	i := slices.Index(c.leases, l)
	if i < 0 {
		return false
	}
	c.leases = slices.Delete(c.leases, i, i+1)
	if l.onProbe.Load() != nil {
		c.onProbe.Add(-1)
	}
	return len(c.leases) == 0
}
