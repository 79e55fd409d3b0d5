package healthcheck

import (
	"context"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coredns-failover/failover/healthcheck/timer"
)

// A checker probes one address for one Spec, again and again. Between probes it
// is a timer; the timer's function is the loop.
type checker struct {
	key          Key
	prober       Prober
	registry     *Registry
	timer        *timer.Timer
	cost         int64          // descriptors that a probe takes
	state        atomic.Uint32  // the State, for readers
	first        atomic.Bool    // the first probe has ended
	settled      atomic.Bool    // no result speaks against the state; see Lease
	inconclusive atomic.Bool    // the last results were all inconclusive; see machine
	roundTrip    atomic.Int64   // of the probes that passed, smoothed, in nanoseconds
	onProbe      atomic.Int32   // leases that want to know of every probe
	needed       atomic.Int32   // leases for which damping is suspended
	due          time.Time      // when the first probe has ended at the latest; zero before the start
	watching     sync.WaitGroup // one for each connection that is watched

	mu         sync.Mutex // guards the following
	phase      phase
	machine    machine
	leases     []*Lease
	watch      watch
	cancel     context.CancelFunc // ends the probe in flight; nil if there is none
	began      time.Time          // when that or the last one did
	cause      string             // why the last probe could not ask, or ""
	conclusive time.Time          // when the last probe began that could ask
	doubted    bool               // no result has agreed with the state since one that could not ask
}

// A phase is what a checker is doing.
//
//	             run                  apply
//	waiting ------------> probing ------------> waiting
//	   |                     |
//	   +------- stop --------+---> stopped
//
// Waiting, the timer is set, or the loop tells of the last result. Probing, one
// that waits for descriptors is too, and what would bring about a probe is kept
// for its end. Stopped, the result of the probe in flight says nothing.
type phase uint8

const (
	waiting phase = iota
	probing
	stopped
)

func newChecker(r *Registry, key Key, p Prober, inherited State) *checker {
	c := &checker{key: key, prober: p, registry: r, machine: machine{state: inherited}}
	c.timer = r.clock.New(c.run)
	c.cost = min(costOf(key.Spec.Check), r.files.most)
	c.state.Store(uint32(inherited))
	return c
}

// start probes for the first time after delay.
func (c *checker) start(delay time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	first := c.registry.clock.Now().Add(delay)
	c.due = first.Add(c.key.Spec.Timeout)
	c.timer.At(first, 0)
}

// stop lets no probe begin any more.
func (c *checker) stop() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.phase = stopped
	c.timer.Stop()
}

// interrupt cuts what is left of a stopped checker short: the probe in flight and
// watched connections. It does not wait.
func (c *checker) interrupt() {
	c.mu.Lock()
	cancel, conns := c.cancel, [...]Watched{c.watch.conn, c.watch.broken}
	c.watch.broken = nil
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

// wait returns once nothing is left of a checker that was stopped.
func (c *checker) wait() {
	c.timer.Wait()
	c.watching.Wait()
	c.mu.Lock()
	was := c.cause
	c.cause = ""
	c.mu.Unlock()
	if was != "" {
		c.registry.causeChanged(c.key, was, "")
	}
}

// run is one turn of the loop. What follows the probe has a frame of its own,
// because thousands may wait in the probe.
func (c *checker) run() {
	if c.key.Spec.Watch {
		c.closeBroken()
	}
	if !c.takeDescriptors() {
		return
	}
	files := c.registry.files
	ctx, ok := c.begin()
	if !ok {
		files.Release(c.cost)
		return
	}
	start := c.registry.clock.Now()
	conn, err := c.probe(ctx)
	if conn != nil {
		conn = files.keep(conn)
	}
	files.Release(c.cost)
	c.conclude(conn, err, start)
}

// begin returns the context of a probe that stop can cut short, and false if
// the checker has been stopped. This is the probe that was wanted sooner, if one
// was.
func (c *checker) begin() (context.Context, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.phase == stopped {
		return nil, false
	}
	ctx, cancel := WithTimeout(context.Background(), c.key.Spec.Timeout)
	c.phase, c.cancel, c.began = probing, cancel, c.registry.clock.Now()
	c.timer.Cancel()
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

// wake lets the next probe begin at once, but for a FastInterval between two.
// One that is in flight began too early, and is followed by another.
func (c *checker) wake() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.due.IsZero() { // else the first is still to begin
		c.timer.NoLaterThan(c.began.Add(c.key.Spec.FastInterval))
	}
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
	if l.onProbe.Load() != nil {
		c.onProbe.Add(-1)
	}
	return len(c.leases) == 0
}
