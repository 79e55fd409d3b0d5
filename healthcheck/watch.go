package healthcheck

import (
	"context"
	"net/netip"
	"time"
)

// A Watcher is a [Prober] that can keep what a probe opened.
type Watcher interface {
	Prober
	// Watch probes as Probe does and, after a pass, returns what it opened.
	Watch(ctx context.Context, addr netip.Addr) (Watched, error)
}

// A Watched is an open connection to a target that passed.
type Watched interface {
	// Wait returns, with whatever error, once the connection is no more or the
	// target says that it is not well.
	Wait() error
	// Close makes Wait return.
	Close() error
}

// A watch is the connection that a checker keeps open between two probes. When
// it breaks, the next probe comes at once; it is that probe which counts.
//
// Some targets close what is idle. They pass the probe that follows, and then
// the next one that a break brings about waits twice as long each time, until
// breaks bring about no more than the interval does. A connection that lived to
// be replaced at the interval sets this back.
type watch struct {
	conn   Watched
	broken Watched // waits for the next probe to close it
	breaks int     // in a row that were followed by a pass
}

// keepLocked keeps conn, which may be nil, in place of the connection before,
// which it returns.
func (c *checker) keepLocked(conn Watched) (before Watched) {
	before, c.watch.conn = c.watch.conn, conn
	if conn == nil {
		return before
	}
	if before != nil {
		c.watch.breaks = 0
	}
	c.watching.Go(func() { c.await(conn) })
	return before
}

// await brings about the next probe when conn breaks, unless it was replaced.
func (c *checker) await(conn Watched) {
	conn.Wait()
	if !c.broke(conn) {
		conn.Close()
	}
}

// broke reports whether the next probe, which comes in its turn, closes conn. To
// close thousands when they break at once would take longer than a query may.
func (c *checker) broke(conn Watched) (kept bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.watch.conn != conn || c.phase == stopped {
		return false
	}
	c.watch.conn = nil
	if c.machine.decided && c.machine.state == Down {
		return false // it is to rise at its own pace
	}
	if c.watch.broken != nil {
		return false // the one before brings the probe about
	}
	at := c.began.Add(c.watch.backoff(&c.key.Spec))
	c.watch.breaks++
	if c.phase == probing {
		return false // that is soon enough
	}
	if at.After(c.registry.clock.Now()) {
		c.timer.NoLaterThan(at)
		return false
	}
	c.watch.broken = conn
	c.registry.watchQueue.add(c)
	return true
}

// probeBroken probes now, unless a probe came anyway.
func (c *checker) probeBroken() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.watch.broken != nil && c.phase == waiting {
		c.timer.NoLaterThan(c.registry.clock.Now())
	}
}

// closeBroken closes a connection that broke and was left to the probe.
func (c *checker) closeBroken() {
	c.mu.Lock()
	broken := c.watch.broken
	c.watch.broken = nil
	c.mu.Unlock()
	if broken != nil {
		broken.Close()
	}
}

// backoff returns how long after the start of the last probe a break brings
// about another.
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
