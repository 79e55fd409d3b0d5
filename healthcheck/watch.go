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

// hold keeps conn, which may be nil, in place of the connection before.
func (c *checker) hold(conn Watched) {
	c.mu.Lock()
	old := c.watch.conn
	if c.stopped && conn != nil {
		old, conn = conn, nil
	}
	c.watch.conn = conn
	if old != nil && conn != nil {
		c.watch.breaks = 0
	}
	if conn != nil {
		c.running.Add(1)
		go c.await(conn)
	}
	c.mu.Unlock()
	if old != nil {
		old.Close()
	}
}

// await hastens the next probe when conn breaks, unless it was let go.
func (c *checker) await(conn Watched) {
	defer c.running.Done()
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
	if c.watch.conn != conn || c.stopped {
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
	if c.cancel != nil || at.After(time.Now()) {
		c.advanceLocked(at)
		return false
	}
	c.watch.broken = conn
	c.registry.breaks.join(c)
	return true
}

// takeTurn probes now, unless a probe came anyway.
func (c *checker) takeTurn() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.watch.broken != nil && !c.stopped {
		c.advanceLocked(time.Now())
	}
}

// letGo closes a connection that broke and was left to the probe.
func (c *checker) letGo() {
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

// advanceLocked lets the next probe begin sooner, at once if the time is past.
// One that is in flight is soon enough; if it has just ended, and the timer is
// not set yet, schedule has to know.
func (c *checker) advanceLocked(at time.Time) {
	switch {
	case c.cancel != nil:
	case c.timer.Stop():
		if at.Before(c.next) {
			c.next = at
		}
		c.timer.Reset(time.Until(c.next))
	default:
		c.sooner = at
	}
}
