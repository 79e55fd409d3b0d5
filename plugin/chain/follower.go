package chain

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coredns-failover/failover/plugin/pool"
)

// Of lookups that fail.
const (
	patience   = 3 * time.Second  // how long one may take
	firstRetry = time.Second      // how long after a failure the next begins; ever longer up to
	lastRetry  = 30 * time.Second // this
)

// A Follower asks for the addresses of one name, again and again as their TTLs
// end. Between lookups it is a timer.
type Follower struct {
	name    string
	ask     Asker
	told    func(v4, v6 *pool.Reply, err error)
	ctx     context.Context
	cancel  context.CancelFunc
	asked   atomic.Bool
	running sync.WaitGroup // one while the timer is set or its function runs
	due     [2]time.Time   // when each family is asked next
	retry   [2]time.Duration
	busy    [2]atomic.Bool // a lookup that was given up has not returned yet

	mu      sync.Mutex // guards the following
	timer   *time.Timer
	stopped bool
}

// Follow begins to ask for a name. told is called with what was said, one call
// at a time: nil for a family of which nothing new was said, and why if that is
// because a lookup failed.
func Follow(name string, ask Asker, told func(v4, v6 *pool.Reply, err error)) *Follower {
	f := &Follower{name: name, ask: ask, told: told}
	f.ctx, f.cancel = context.WithCancel(context.Background())
	f.running.Add(1)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.timer = time.AfterFunc(0, f.run)
	return f
}

// Asked reports whether the first lookup has ended.
func (f *Follower) Asked() bool { return f.asked.Load() }

// Stop ends the lookup that is under way, and lets none follow. When it returns,
// told is not called any more.
func (f *Follower) Stop() {
	f.mu.Lock()
	f.stopped = true
	if f.timer.Stop() {
		f.running.Done()
	}
	f.mu.Unlock()
	f.cancel()
	f.running.Wait()
}

// run asks for what is due.
func (f *Follower) run() {
	defer f.running.Done()
	var replies [2]*pool.Reply
	var err error
	for i := range families {
		if time.Now().Before(f.due[i]) {
			continue
		}
		r, e := f.lookup(i)
		if e != nil {
			err = e
			f.retry[i] = min(max(firstRetry, 2*f.retry[i]), lastRetry)
			f.due[i] = time.Now().Add(f.retry[i])
			continue
		}
		replies[i], f.retry[i], f.due[i] = r, 0, r.At.Add(r.TTL)
	}
	if f.ctx.Err() != nil {
		return
	}
	f.told(replies[0], replies[1], err)
	f.asked.Store(true)
	f.schedule()
}

func (f *Follower) schedule() {
	next := f.due[0]
	if f.due[1].Before(next) {
		next = f.due[1]
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.stopped {
		f.running.Add(1)
		f.timer.Reset(time.Until(next))
	}
}

// lookup asks for one family. A plugin that does not return is left behind, and
// nothing more is asked of that family until it does.
func (f *Follower) lookup(i int) (*pool.Reply, error) {
	if !f.busy[i].CompareAndSwap(false, true) {
		return nil, fmt.Errorf("the last lookup of %s has not returned yet", f.name)
	}
	ctx, cancel := context.WithTimeout(f.ctx, patience)
	defer cancel()
	type result struct {
		r   *pool.Reply
		err error
	}
	done := make(chan result, 1)
	go func() {
		defer f.busy[i].Store(false)
		r, err := safely(f.ask, ctx, f.name, families[i])
		done <- result{r, err}
	}()
	select {
	case res := <-done:
		return res.r, res.err
	case <-ctx.Done():
		return nil, fmt.Errorf("no answer within %s", patience)
	}
}

// safely asks. A plugin that panics has failed: nobody else would catch it here.
func safely(ask Asker, ctx context.Context, name string, qtype uint16) (r *pool.Reply, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic: %v", v)
		}
	}()
	return ask(ctx, name, qtype)
}
