package healthcheck

import (
	"context"
	"net/netip"
	"sync"
	"time"
)

// A Watcher is a [Prober] that can keep the connection of a probe open.
type Watcher interface {
	Prober
	// Watch probes as Probe does and, after a pass, returns the connection.
	Watch(ctx context.Context, addr netip.Addr) (Watched, error)
}

// A Watched is an open connection to a target that passed.
type Watched interface {
	// Wait waits until the connection ends or the target says that it is unhealthy.
	// The error may be nil in either case.
	Wait() error
	// Close closes the connection and ends Wait.
	Close() error
}

// A watch is the connection that a checker keeps open between two probes. When it breaks,
// the next probe begins at once. The break itself is no result.
//
// Some targets close idle connections and pass the probe that follows. Each further break
// in a row waits twice as long for its probe, up to the interval. A connection that stays
// open for an interval resets this.
type watch struct {
	conn   Watched
	broken Watched // to be closed by the next probe
	breaks int     // in a row, each followed by a pass

	awaited sync.WaitGroup // one for each connection, without the mutex of the checker
}

// keepLocked replaces the watched connection by conn, which may be nil, and returns the
// one before.
func (c *checker) keepLocked(conn Watched) (before Watched) {
	before, c.watch.conn = c.watch.conn, conn
	if conn == nil {
		return before
	}
	if before != nil {
		c.watch.breaks = 0
	}
	c.watch.awaited.Go(func() { c.await(conn) })
	return before
}

// await waits until conn breaks, and then has the checker probe.
func (c *checker) await(conn Watched) {
	conn.Wait()
	if !c.broke(conn) {
		conn.Close()
	}
}

// broke is called when conn broke. It sets the timer or adds c to the watch queue. kept
// reports whether the next probe closes conn: if thousands break at the same time, to
// close all of them at once would take longer than a query may.
func (c *checker) broke(conn Watched) (kept bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.watch.conn != conn || c.phase == stopped {
		return false
	}
	c.watch.conn = nil
	if c.machine.decided && c.machine.state == Down {
		return false // a break does not speed up the rise
	}
	if c.watch.broken != nil {
		return false // c is in the watch queue already
	}
	at := c.began.Add(c.watch.backoff(&c.spec.Spec))
	c.watch.breaks++
	if c.phase == probing {
		return false // the probe in flight is soon enough
	}
	if at.After(c.registry.clock.Now()) {
		c.timer.NoLaterThan(at)
		return false
	}
	c.watch.broken = conn
	c.registry.watchQueue.add(c)
	return true
}

// probeBroken sets the timer to now, unless a probe has begun since the break.
func (c *checker) probeBroken() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.watch.broken != nil && c.phase == waiting {
		c.timer.NoLaterThan(c.registry.clock.Now())
	}
}

// closeBroken closes the broken connection, if there is one.
func (c *checker) closeBroken() {
	c.mu.Lock()
	broken := c.watch.broken
	c.watch.broken = nil
	c.mu.Unlock()
	if broken != nil {
		broken.Close()
	}
}

// backoff returns the time from the start of the last probe to the probe that follows a
// break.
func (w *watch) backoff(s *Spec) time.Duration {
	if w.breaks == 0 {
		return 0
	}
	d := s.FastInterval << min(w.breaks-1, 20)
	if d <= 0 || d > s.Interval {
		return s.Interval
	}
	return d
}
