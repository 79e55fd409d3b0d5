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
	firstRetry = time.Second // the wait after a failed lookup; it doubles with each further failure
	lastRetry  = 30 * time.Second
	// maxJoin is the longest time between the due times of both families at which they
	// are looked up together, at the later time. A name that moves from one family to
	// the other then has addresses all the time.
	maxJoin = 100 * time.Millisecond
)

// lookupSlots limits how many refreshers look up at a time: each lookup may need a
// socket, and at a start all lookups are due.
var lookupSlots = make(chan struct{}, 256)

// A refresher looks up the addresses of a name again and again, each family when its
// TTL ends. Between lookups it costs no more than a timer.
type refresher struct {
	name     string
	resolver resolver
	onReply  func(v4, v6 *pool.Reply, err error)
	clock    *timer.Clock
	timer    *timer.Timer
	firstDue time.Time // the latest end of the first lookup
	done     atomic.Bool
	ctx      context.Context // ends at Stop
	cancel   context.CancelFunc

	families [2]family // for run only
}

// A family is the lookups of one type.
type family struct {
	qtype uint16
	due   time.Time     // of the next lookup
	ttl   time.Duration // of the last reply; 0 before it
	retry time.Duration // the wait after the last lookup; 0 if it did not fail
	err   error         // of the last lookup
	busy  atomic.Bool   // a lookup has not returned, although it may have timed out
}

// startRefresher starts a refresher. It calls onReply after each lookup with the reply
// of each family, which is nil if the family was not due or its lookup failed, and with
// the error of the families whose last lookup failed. Calls do not overlap; the first
// comes after a lookup of both families. onReply must not call Stop.
func startRefresher(clock *timer.Clock, name string, resolver resolver, onReply func(v4, v6 *pool.Reply, err error)) *refresher {
	now := clock.Now()
	r := &refresher{name: name, resolver: resolver, onReply: onReply, clock: clock, firstDue: now.Add(lookupTimeout)}
	r.families[0].qtype, r.families[1].qtype = dns.TypeA, dns.TypeAAAA
	r.ctx, r.cancel = context.WithCancel(context.Background())
	r.timer = clock.New(r.run)
	r.timer.At(now, 0)
	return r
}

// Stop ends the lookups. After it has returned, onReply is neither called nor running.
func (r *refresher) Stop() {
	r.timer.Stop()
	r.cancel()
	r.timer.Wait()
}

// ready reports whether the first lookup has ended, or should have by now.
func (r *refresher) ready() bool { return r.done.Load() || r.clock.Now().After(r.firstDue) }

// run looks up what is due, calls onReply and sets the timer.
func (r *refresher) run() {
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
	r.done.Store(true)
	r.schedule()
}

// lookUp looks up the families that are due.
func (r *refresher) lookUp() (replies [2]*pool.Reply) {
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

// end sets when the next lookup is due, and returns r, or nil after a failure.
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

// maxRetry returns the longest wait after a failure.
func (fam *family) maxRetry() time.Duration {
	if fam.ttl == 0 {
		return lastRetry
	}
	return max(firstRetry, min(lastRetry, fam.ttl))
}

// err returns the errors of the last lookups, or nil.
func (r *refresher) err() error {
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
func (r *refresher) schedule() {
	next, other := r.families[0].due, r.families[1].due
	if other.Before(next) {
		next, other = other, next
	}
	if other.Sub(next) <= maxJoin {
		next = other
	}
	r.timer.At(next, 0)
}
