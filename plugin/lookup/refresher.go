package lookup

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/healthcheck/timer"
	"github.com/coredns-failover/failover/plugin/pool"
)

const (
	firstRetry = time.Second // after a failed lookup; each further one waits twice as long
	lastRetry  = 30 * time.Second
	// maxJoin is how far apart lookups of both families may be due to be made
	// at the later one's time, so that a name that moves from one family to the
	// other is not without addresses in between.
	maxJoin = 100 * time.Millisecond
)

// lookupSlots bounds how many followers look up at a time: each lookup may be a socket,
// and at a start all of them want to.
var lookupSlots = make(chan struct{}, 256)

// A Refresher looks the addresses of a name up again and again, each family as its
// TTL ends. Between lookups it is a timer.
type Refresher struct {
	name     string
	resolver Resolver
	onReply  func(v4, v6 *pool.Reply, err error)
	clock    *timer.Clock
	timer    *timer.Timer
	firstDue time.Time // when the first lookup has ended at the latest
	ready    atomic.Bool
	ctx      context.Context // ends when the follower is stopped
	cancel   context.CancelFunc

	families [2]family // for run only
}

// A family is the lookups of one type.
type family struct {
	qtype uint16
	due   time.Time     // when the next is
	ttl   time.Duration // of the last reply
	retry time.Duration // after the last lookup, if that failed
	err   error         // why it did
	busy  atomic.Bool   // one has not come back, even if nobody waits for it any more
}

// Refresh looks the addresses of name up from now on, and tells told what was said
// of each family: nil if it was not looked up this time, or that failed. err says
// why lookups of either family fail now. Calls of told follow each other; the
// first comes after both families were looked up. told must not stop the
// follower.
func Refresh(clock *timer.Clock, name string, ask Resolver, told func(v4, v6 *pool.Reply, err error)) *Refresher {
	now := clock.Now()
	f := &Refresher{name: name, resolver: ask, onReply: told, clock: clock, firstDue: now.Add(lookupTimeout)}
	f.families[0].qtype, f.families[1].qtype = dns.TypeA, dns.TypeAAAA
	f.ctx, f.cancel = context.WithCancel(context.Background())
	f.timer = clock.New(f.run)
	f.timer.At(now, 0)
	return f
}

// Stop ends the lookups. Once it has returned, told is not called any more, and
// is not running.
func (r *Refresher) Stop() {
	r.timer.Stop()
	r.cancel()
	r.timer.Wait()
}

// Ready reports whether the first lookup has ended, or should have by now.
func (r *Refresher) Ready() bool { return r.ready.Load() || r.clock.Now().After(r.firstDue) }

// run is one turn of the loop: look up what is due, tell, set the timer.
func (r *Refresher) run() {
	select {
	case lookupSlots <- struct{}{}:
	case <-r.ctx.Done():
		return
	}
	replies := r.lookUp()
	<-lookupSlots
	if r.ctx.Err() != nil {
		return
	}
	r.onReply(replies[0], replies[1], r.err())
	r.ready.Store(true)
	r.schedule()
}

// lookUp asks for the families that are due.
func (r *Refresher) lookUp() (replies [2]*pool.Reply) {
	ctx, cancel := context.WithTimeoutCause(r.ctx, lookupTimeout, errTimeout)
	defer cancel()
	start := r.clock.Now()
	var results [2]<-chan result[*pool.Reply]
	for i := range r.families {
		if fam := &r.families[i]; !fam.due.After(start) {
			results[i] = begin(&fam.busy, func() (*pool.Reply, error) { return r.resolver.Lookup(ctx, r.name, fam.qtype) })
		}
	}
	for i := range r.families {
		if results[i] != nil {
			reply, err := await(ctx, results[i])
			replies[i] = r.families[i].end(reply, err, r.clock.Now())
		}
	}
	return replies
}

// end takes in what a lookup came to, and says when the next is due.
func (fam *family) end(r *pool.Reply, err error, now time.Time) *pool.Reply {
	fam.err = err
	if err != nil {
		fam.retry = min(max(2*fam.retry, firstRetry), fam.maxRetry())
		fam.due = now.Add(fam.retry)
		return nil
	}
	fam.retry, fam.ttl = 0, r.TTL
	fam.due = r.At.Add(r.TTL)
	if soonest := now.Add(minTTL); fam.due.Before(soonest) {
		fam.due = soonest
	}
	return r
}

// maxRetry is how long is waited after a failure at most.
func (fam *family) maxRetry() time.Duration {
	if fam.ttl == 0 {
		return lastRetry
	}
	return max(firstRetry, min(lastRetry, fam.ttl))
}

// err returns why lookups fail now, or nil.
func (r *Refresher) err() error {
	v4, v6 := r.families[0].err, r.families[1].err
	switch {
	case v4 != nil && v6 != nil && v4.Error() != v6.Error():
		return fmt.Errorf("type A: %w; type AAAA: %w", v4, v6)
	case v4 != nil && v6 != nil:
		return v4
	case v4 != nil:
		return fmt.Errorf("type A: %w", v4)
	case v6 != nil:
		return fmt.Errorf("type AAAA: %w", v6)
	default:
		return nil
	}
}

// schedule sets the timer for the next lookup.
func (r *Refresher) schedule() {
	next, other := r.families[0].due, r.families[1].due
	if other.Before(next) {
		next, other = other, next
	}
	if other.Sub(next) <= maxJoin {
		next = other
	}
	r.timer.At(next, 0)
}
