package healthcheck

import (
	"context"
	"sync/atomic"

	"golang.org/x/sync/semaphore"
)

// minServed is how many descriptors the server keeps for itself, unless the process may
// have fewer than twice as many: for listeners, files and a few clients.
const minServed = 24

// probesShare returns how many of limit descriptors probes may have open. A fifth is left
// to the server.
func probesShare(limit int64) int64 {
	return max(1, limit-max(limit/5, min(minServed, limit/2)))
}

// openFiles bounds how many descriptors probes and watched connections have open. Probes
// wait for descriptors in the order in which they came.
type openFiles struct {
	*semaphore.Weighted
	most int64
	kept atomic.Int64 // by watched connections
}

func newOpenFiles(most int64) *openFiles {
	return &openFiles{Weighted: semaphore.NewWeighted(most), most: most}
}

// keep takes a descriptor for conn, which is to be watched, and returns conn with it. If
// probes wait for descriptors, or watched connections have three quarters of all, it
// closes conn and returns nil: the check then probes at its interval only.
func (f *openFiles) keep(conn Watched) Watched {
	if f.kept.Add(1) > f.most*3/4 || !f.TryAcquire(1) {
		f.kept.Add(-1)
		conn.Close()
		return nil
	}
	return &keptConn{Watched: conn, files: f}
}

// A keptConn is a watched connection that releases its descriptor when it is closed.
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

// takeDescriptors waits for the descriptors of a probe, whose timeout begins afterwards. ok
// is false if the checker was stopped.
func (c *checker) takeDescriptors() (ok bool) {
	files := c.registry.files
	if files.TryAcquire(c.spec.cost) {
		return true
	}
	c.registry.delayed()
	ctx, ok := c.beginWait()
	if !ok {
		return false
	}
	err := files.Acquire(ctx, c.spec.cost)
	c.endWait()
	return err == nil
}

// beginWait returns a context that interrupt cancels. ok is false if the checker was
// stopped.
func (c *checker) beginWait() (ctx context.Context, ok bool) {
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

// costOf returns how many descriptors a probe opens at a time.
func costOf(c Check) int64 {
	if v, ok := c.(interface{ Descriptors() int64 }); ok {
		return v.Descriptors()
	}
	return 1
}
