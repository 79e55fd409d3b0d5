package lookup

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/healthcheck/timer"
	"github.com/coredns-failover/failover/plugin/pool"
)

// Limits of the names that are learned below a wildcard.
const (
	maxNames      = 10_000
	forgetAfter   = 10 * time.Minute // without a query
	sweepInterval = time.Minute
)

// clientWait is how long a client waits for a lookup before it gets the answer without
// it. After a failed lookup that took that long, the other family is not looked up: a
// plugin that hangs would hang again, and most clients wait for five seconds.
const clientWait = time.Second

// DenialTTL is the longest time that a negative reply is kept, so that a new name is
// found sooner than after the TTL of the SOA.
const DenialTTL = 5 * time.Second

// A Wildcard has the names below a wildcard whose addresses the next plugins give. A
// name is learned when a query for it is answered with addresses. It has a
// [pool.Tracker] of its own then, until no query has come for it for ten minutes.
//
// If there are too many, further names are answered as the next plugins do, without
// checks, and the learned ones stay: a flood of random names removes none.
type Wildcard struct {
	base    *pool.Tracker // of the record: its answer is for names without addresses
	next    int           // the pool of the next plugins
	ask     QueryResolver
	cache   replyCache
	summary *summary

	names sync.Map // of *learnedName by name

	mu       sync.Mutex // guards the following, and additions to names
	reg      *healthcheck.Registry
	timer    *timer.Timer // of sweep; nil before the start
	orders   pool.Orders
	recalled *pool.Recalled // what an earlier process knew of their addresses
	count    int
	stopped  bool
}

// A learnedName is a name with addresses from the next plugins.
type learnedName struct {
	tracker *pool.Tracker
	replies [2]atomic.Pointer[pool.Reply] // for A and AAAA
	seen    atomic.Int64                  // time of the last query, in Unix nanoseconds
}

// NewWildcard returns a Wildcard for the record of base, whose pool with the index next
// is that of the next plugins. The Observer is called for the record as a whole: its
// state is the worst of the names.
func NewWildcard(base *pool.Tracker, next int, ask QueryResolver, o pool.Observer) *Wildcard {
	return &Wildcard{base: base, next: next, ask: ask, summary: newSummary(next, o)}
}

// Start starts the checks. prev is the Wildcard before a reload, which may be nil: its
// names are kept.
func (wc *Wildcard) Start(reg *healthcheck.Registry, prev *Wildcard) {
	wc.mu.Lock()
	defer wc.mu.Unlock()
	wc.reg = reg
	wc.timer = reg.Clock().New(wc.sweep)
	defer wc.summary.start()
	if prev == nil {
		return
	}
	wc.recalled = prev.recalledAddresses()
	for name, k := range prev.names.Range {
		name, old := name.(string), k.(*learnedName)
		n := wc.addLocked(name, old.tracker)
		n.seen.Store(old.seen.Load())
		for i := range n.replies {
			r := old.replies[i].Load()
			n.replies[i].Store(r)
			wc.cache.add(name, families[i], r)
		}
	}
}

// Stop ends all checks. The answers stay as they are.
func (wc *Wildcard) Stop() {
	wc.mu.Lock()
	wc.stopped = true
	reg, sweeper := wc.reg, wc.timer
	wc.mu.Unlock()
	if sweeper != nil {
		sweeper.Stop()
		sweeper.Wait()
	}
	for _, n := range wc.names.Range {
		n.(*learnedName).tracker.Stop(reg)
	}
}

// Known returns the View of a learned name without a lookup, or nil if the name is not
// learned.
func (wc *Wildcard) Known(name string) *pool.View {
	if t := wc.TrackerOf(name); t != nil {
		return t.View()
	}
	return nil
}

// TrackerOf returns the Tracker of a learned name, or nil if the name is not learned.
func (wc *Wildcard) TrackerOf(name string) *pool.Tracker {
	if n := wc.find(name); n != nil {
		return n.tracker
	}
	return nil
}

func (wc *Wildcard) find(name string) *learnedName {
	if n, ok := wc.names.Load(name); ok {
		return n.(*learnedName)
	}
	return nil
}

// View returns the View for a query of type A or AAAA. Expired replies are looked up
// with the next plugins on behalf of the client of w. If their pool has no address of
// the type, the other family is looked up too, as it decides whether the pool is down.
func (wc *Wildcard) View(ctx context.Context, w dns.ResponseWriter, name string, qtype uint16) *pool.View {
	i := 0
	if qtype == dns.TypeAAAA {
		i = 1
	}
	began := time.Now()
	v, known, err := wc.renew(ctx, w, name, i)
	if err != nil && time.Since(began) >= clientWait {
		return v
	}
	if !known || v.Pool != wc.next || v.State == pool.Degraded || len(v.Set(wc.next).Family(qtype).RRs) == 0 {
		v, _, _ = wc.renew(ctx, w, name, 1-i)
	}
	return v
}

// families are the types of address records.
var families = [2]uint16{dns.TypeA, dns.TypeAAAA}

// renew looks up one family of a name if its reply has expired. known says whether
// there is a reply, expired or not; err is that of the lookup.
func (wc *Wildcard) renew(ctx context.Context, w dns.ResponseWriter, name string, i int) (v *pool.View, known bool, err error) {
	now, n := time.Now(), wc.findOrFrozen(name)
	if n != nil {
		n.seen.Store(now.UnixNano())
		if r := n.replies[i].Load(); r != nil && now.Sub(r.At) < r.TTL {
			return n.tracker.View(), true, nil
		}
	}
	r, err := wc.cache.get(ctx, name, families[i], func(ctx context.Context) (*pool.Reply, error) {
		return wc.lookUp(ctx, w, name, families[i])
	})
	switch {
	case n == nil && err != nil:
		return wc.base.View(), false, err
	case n == nil && len(r.Addrs) == 0:
		v := *wc.base.View()
		if v.Mode == pool.NoAddress {
			v.Mode = pool.NoData // the reply says that there are none
		}
		return &v, true, nil
	case err != nil:
		return n.tracker.View(), n.replies[i].Load() != nil, err
	case n == nil:
		if n = wc.add(name); n == nil {
			return pool.UncheckedView(wc.base.Record(), name, wc.next, r), true, nil
		}
		if e := wc.cache.find(question{name, families[1-i]}); e.fresh() && e.reply != nil {
			n.replies[1-i].CompareAndSwap(nil, e.reply) // a negative one, or the name would be learned
		}
	}
	if n.replies[i].Swap(r) != r {
		n.tracker.SetNext(wc.next, n.replies[0].Load(), n.replies[1].Load())
	}
	return n.tracker.View(), true, nil
}

// lookUp looks up a name with the next plugins.
func (wc *Wildcard) lookUp(ctx context.Context, w dns.ResponseWriter, name string, qtype uint16) (*pool.Reply, error) {
	r, err := wc.ask(ctx, w, name, qtype)
	if err != nil || r.Negative == nil {
		return r, err
	}
	denied := *r
	denied.TTL = min(r.TTL, DenialTTL)
	return &denied, nil
}

// add learns a name, and returns nil if there are too many.
func (wc *Wildcard) add(name string) *learnedName {
	wc.mu.Lock()
	defer wc.mu.Unlock()
	if n := wc.find(name); n != nil {
		return n
	}
	if wc.count >= maxNames || wc.stopped || wc.reg == nil {
		return nil
	}
	return wc.addLocked(name, nil)
}

func (wc *Wildcard) addLocked(name string, prev *pool.Tracker) *learnedName {
	n := &learnedName{tracker: pool.NewLearned(wc.base.Record(), name, wc.summary)}
	n.seen.Store(time.Now().UnixNano())
	n.tracker.SetOrders(ordersOf(wc.orders, name), "override")
	n.tracker.Recall(wc.recalled)
	n.tracker.Start(wc.reg, prev)
	wc.names.Store(name, n)
	wc.count++
	if wc.count == 1 {
		wc.sweepLaterLocked()
	}
	return n
}

func (wc *Wildcard) sweepLaterLocked() { wc.timer.At(wc.reg.Clock().Now().Add(sweepInterval), 0) }

// sweep forgets the names without queries, and ends their checks. It holds no mutex
// while probes end: queries for new names do not wait for them.
func (wc *Wildcard) sweep() {
	for _, n := range wc.forget() {
		n.tracker.Stop(wc.reg)
		wc.summary.forget(n.tracker.View())
	}
}

// forget removes the names without queries, and returns them.
func (wc *Wildcard) forget() map[string]*learnedName {
	old := make(map[string]*learnedName)
	for name, n := range wc.names.Range {
		if time.Since(time.Unix(0, n.(*learnedName).seen.Load())) >= forgetAfter {
			old[name.(string)] = n.(*learnedName)
		}
	}
	wc.mu.Lock()
	defer wc.mu.Unlock()
	if wc.stopped {
		return nil
	}
	for name := range old {
		wc.names.Delete(name)
	}
	wc.count -= len(old)
	if wc.count > 0 {
		wc.sweepLaterLocked()
	}
	return old
}
