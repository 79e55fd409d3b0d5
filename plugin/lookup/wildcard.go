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

// Bounds of what is known below a wildcard.
const (
	maxNames      = 10_000           // names at most
	forgetAfter   = 10 * time.Minute // after which a name that nobody asks for is forgotten
	sweepInterval = time.Minute      // how often those are looked for
)

// clientWait is how long a client waits for a lookup where it can be answered with
// what is known, or that fails, and then for that of the other family too. Plugins
// that hang would hang again, and most clients wait for five seconds.
const clientWait = time.Second

// DenialTTL is how long it is kept at most that a name does not exist, so that nobody
// who adds one waits for the SOA's TTL.
const DenialTTL = 5 * time.Second

// Wildcard are the names below a wildcard whose addresses the plugins behind give.
// A name becomes known when a query for it is answered with addresses. It has
// a [pool.Tracker] of its own from then on, until nobody has asked for it for ten
// minutes.
//
// When there are too many, further names are answered as the plugins behind do,
// and those that are known stay: a flood of made-up names puts nobody out.
type Wildcard struct {
	base    *pool.Tracker // of the record: what is answered where they know no address
	next    int           // the pool of the plugins behind
	ask     QueryResolver
	cache   Cache
	summary *summary

	names sync.Map // of *known, by name

	mu      sync.Mutex // guards the following, and additions to names
	reg     *healthcheck.Registry
	timer   *timer.Timer // of sweep; nil before the start
	count   int
	stopped bool
}

// A learnedName name.
type learnedName struct {
	tracker *pool.Tracker
	replies [2]atomic.Pointer[pool.Reply] // for A and AAAA
	seen    atomic.Int64                  // when somebody asked last, in nanoseconds
}

// NewWildcard returns the names that the wildcard of base covers, of which the
// plugins behind give the pool next. What happens to them is told to o as if it
// happened to the record: the worst of them stands for all.
func NewWildcard(base *pool.Tracker, next int, ask QueryResolver, o pool.Observer) *Wildcard {
	return &Wildcard{base: base, next: next, ask: ask, summary: newSummary(next, o)}
}

// Start has addresses checked from now on. The names that prev knew before a
// reload, which may be nil, are known again.
func (wc *Wildcard) Start(reg *healthcheck.Registry, prev *Wildcard) {
	wc.mu.Lock()
	defer wc.mu.Unlock()
	wc.reg = reg
	wc.timer = reg.Clock().New(wc.sweep)
	defer wc.summary.start()
	if prev == nil {
		return
	}
	for name, was := range prev.names.Range {
		k := wc.addLocked(name.(string), was.(*learnedName).tracker)
		k.seen.Store(was.(*learnedName).seen.Load())
		for i := range k.replies {
			r := was.(*learnedName).replies[i].Load()
			k.replies[i].Store(r)
			wc.cache.add(name.(string), families[i], r)
		}
	}
}

// Stop ends all checks; what is answered stays as it is.
func (wc *Wildcard) Stop() {
	wc.mu.Lock()
	wc.stopped = true
	reg, sweeper := wc.reg, wc.timer
	wc.mu.Unlock()
	if sweeper != nil {
		sweeper.Stop()
		sweeper.Wait()
	}
	for _, k := range wc.names.Range {
		k.(*learnedName).tracker.Stop(reg)
	}
}

// Known returns what a query for a name would see, without asking anybody, or
// nil if the name is not known.
func (wc *Wildcard) Known(name string) *pool.View {
	if k := wc.find(name); k != nil {
		return k.tracker.View()
	}
	return nil
}

func (wc *Wildcard) find(name string) *learnedName {
	if k, ok := wc.names.Load(name); ok {
		return k.(*learnedName)
	}
	return nil
}

// View returns what a query for A or AAAA of a name sees. The plugins behind are
// asked on behalf of the client of w where what they said is too old, and for
// the other family too if their pool has nothing of the one asked for: the other
// decides then whether it is down.
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

// families are the types of addresses by their index.
var families = [2]uint16{dns.TypeA, dns.TypeAAAA}

// renew brings what is known of one family of a name up to date. It says whether
// anything is known of it, and why the lookup failed if there was one.
func (wc *Wildcard) renew(ctx context.Context, w dns.ResponseWriter, name string, i int) (v *pool.View, isKnown bool, err error) {
	now, k := time.Now(), wc.find(name)
	if k != nil {
		k.seen.Store(now.UnixNano())
		if r := k.replies[i].Load(); r != nil && now.Sub(r.At) < r.TTL {
			return k.tracker.View(), true, nil
		}
	}
	r, err := wc.cache.Get(ctx, name, families[i], func(ctx context.Context) (*pool.Reply, error) {
		return wc.lookUp(ctx, w, name, families[i])
	})
	switch {
	case k == nil && err != nil:
		return wc.base.View(), false, err
	case k == nil && len(r.Addrs) == 0:
		v := *wc.base.View()
		if v.Mode == pool.NoAddress {
			v.Mode = pool.NoData // they have said that there are none
		}
		return &v, true, nil
	case err != nil:
		return k.tracker.View(), k.replies[i].Load() != nil, err
	case k == nil:
		if k = wc.add(name); k == nil {
			return pool.Unchecked(wc.base.Record(), name, wc.next, r), true, nil
		}
		if e := wc.cache.find(question{name, families[1-i]}); e.fresh() && e.reply != nil {
			k.replies[1-i].CompareAndSwap(nil, e.reply) // which said that there are none, or the name were known
		}
	}
	if k.replies[i].Swap(r) != r {
		k.tracker.SetNext(wc.next, k.replies[0].Load(), k.replies[1].Load())
	}
	return k.tracker.View(), true, nil
}

// lookUp asks the plugins behind.
func (wc *Wildcard) lookUp(ctx context.Context, w dns.ResponseWriter, name string, qtype uint16) (*pool.Reply, error) {
	r, err := wc.ask(ctx, w, name, qtype)
	if err != nil || r.Negative == nil {
		return r, err
	}
	denied := *r
	denied.TTL = min(r.TTL, DenialTTL)
	return &denied, nil
}

// add makes a name known, and returns nil if there are too many.
func (wc *Wildcard) add(name string) *learnedName {
	wc.mu.Lock()
	defer wc.mu.Unlock()
	if k := wc.find(name); k != nil {
		return k
	}
	if wc.count >= maxNames || wc.stopped || wc.reg == nil {
		return nil
	}
	return wc.addLocked(name, nil)
}

func (wc *Wildcard) addLocked(name string, prev *pool.Tracker) *learnedName {
	k := &learnedName{tracker: pool.NewLearned(wc.base.Record(), name, wc.summary)}
	k.seen.Store(time.Now().UnixNano())
	k.tracker.Start(wc.reg, prev)
	wc.names.Store(name, k)
	wc.count++
	if wc.count == 1 {
		wc.sweepLaterLocked()
	}
	return k
}

func (wc *Wildcard) sweepLaterLocked() { wc.timer.At(wc.reg.Clock().Now().Add(sweepInterval), 0) }

// sweep forgets the names that nobody asks for, and ends their checks. Probes in
// flight may take their time to end, and queries for new names do not wait for them.
func (wc *Wildcard) sweep() {
	for _, k := range wc.forget() {
		k.tracker.Stop(wc.reg)
		wc.summary.forget(k.tracker.View())
	}
}

// forget returns the names that nobody asks for, which are not known any more.
func (wc *Wildcard) forget() map[string]*learnedName {
	old := make(map[string]*learnedName)
	for name, k := range wc.names.Range {
		if time.Since(time.Unix(0, k.(*learnedName).seen.Load())) >= forgetAfter {
			old[name.(string)] = k.(*learnedName)
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
