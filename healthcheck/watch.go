package healthcheck

import (
	"context"
	"math/rand/v2"
	"net"
	"net/netip"
	"sync"
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

// once lets go at once of what a Watcher opened.
func once(w Watched, err error) error {
	if err != nil {
		return err
	}
	w.Close()
	return nil
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
	breaks int // in a row that were followed by a pass
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
	conn.Close()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.watch.conn != conn || c.stopped {
		return
	}
	c.watch.conn = nil
	if c.machine.decided && c.machine.state == Down {
		return // it is to rise at its own pace
	}
	at := c.began.Add(c.watch.backoff(&c.key.Spec))
	if turn := c.registry.breaks.next(time.Now()); turn.After(at) {
		at = turn
	}
	c.advanceLocked(at)
	c.watch.breaks++
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

// breakStep is what lies between two probes that breaks bring about, and
// breakSpread what many take at most. When a host with thousands of targets dies,
// queries are to be answered between its probes, not after them.
const (
	breakStep   = 130 * time.Microsecond
	breakSpread = 650 * time.Millisecond
)

// A queue gives turns, one after the other.
type queue struct {
	mu   sync.Mutex // guards the following
	last time.Time
}

// next returns when it is the turn of who asks at now.
func (q *queue) next(now time.Time) time.Time {
	q.mu.Lock()
	defer q.mu.Unlock()
	at := q.last.Add(breakStep)
	switch {
	case at.Before(now):
		at = now
	case at.After(now.Add(breakSpread)):
		return now.Add(rand.N(breakSpread))
	}
	q.last = at
	return at
}

// advanceLocked lets the next probe begin sooner, at once if the time is past. One that is in flight is soon enough; if it has just
// ended, and the timer is not set yet, schedule has to know.
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

// A watchedConn is a connection on which the target has nothing more to say.
type watchedConn struct{ net.Conn }

// maxUnasked is how much a target may say unasked. Then it is no longer listened
// to, and counts as gone.
const maxUnasked = 64 << 10

// Wait reads until the connection ends. Its buffer is on the stack, because
// thousands may wait.
func (c watchedConn) Wait() error {
	if err := c.SetDeadline(time.Time{}); err != nil {
		return err
	}
	var buf [256]byte
	for heard := 0; heard < maxUnasked; {
		n, err := c.Read(buf[:])
		if err != nil {
			return err
		}
		heard += n
	}
	return nil
}
