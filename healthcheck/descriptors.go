package healthcheck

import (
	"context"
	"sync/atomic"

	"golang.org/x/sync/semaphore"
)

// minServed is how many descriptors are the server's at least, however few there
// are: its listeners and files of the start, and a few clients.
const minServed = 24

// probesShare returns how many of a process's descriptors may be open for
// probes: a fifth of them is left to the server.
func probesShare(limit int64) int64 {
	return max(1, limit-max(limit/5, min(minServed, limit/2)))
}

// openFiles bounds how many descriptors are open for probes, and for connections
// that are watched between these. Probes that find too few wait in turn.
type openFiles struct {
	*semaphore.Weighted
	most int64
	kept atomic.Int64 // by watched connections
}

func newOpenFiles(most int64) *openFiles {
	return &openFiles{Weighted: semaphore.NewWeighted(most), most: most}
}

// keep returns a connection that is to be watched, with its descriptor. Where
// probes wait for their turn, or three quarters of all are kept already, it closes
// it and returns nil: then the check is asked at its interval alone.
func (f *openFiles) keep(conn Watched) Watched {
	if f.kept.Add(1) > f.most*3/4 || !f.TryAcquire(1) {
		f.kept.Add(-1)
		conn.Close()
		return nil
	}
	return &keptConn{Watched: conn, files: f}
}

// A keptConn is a watched connection that gives its descriptor back.
type keptConn struct {
	Watched
	files  *openFiles
	closed atomic.Bool
}

// Close implements [Watched].
func (c *keptConn) Close() error {
	err := c.Watched.Close()
	if !c.closed.Swap(true) {
		c.files.kept.Add(-1)
		c.files.Release(1)
	}
	return err
}

// takeDescriptors waits until there are descriptors for a probe. It returns false
// if the checker was stopped meanwhile. The time that the probe has begins
// afterwards.
func (c *checker) takeDescriptors() bool {
	files := c.registry.files
	if files.TryAcquire(c.cost) {
		return true
	}
	c.registry.delayed()
	ctx, ok := c.beginWait()
	if !ok {
		return false
	}
	err := files.Acquire(ctx, c.cost)
	c.endWait()
	return err == nil
}

// beginWait returns a context that stop ends, and false if the checker has been
// stopped.
func (c *checker) beginWait() (context.Context, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.phase == stopped {
		return nil, false
	}
	ctx, cancel := context.WithCancel(context.Background())
	c.phase, c.cancel = probing, cancel
	return ctx, true
}

func (c *checker) endWait() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cancel()
	c.cancel = nil
}

// costOf returns how many descriptors a probe has open at a time: a socket, if it
// does not say otherwise.
func costOf(c Check) int64 {
	if v, ok := c.(interface{ Descriptors() int64 }); ok {
		return v.Descriptors()
	}
	return 1
}
