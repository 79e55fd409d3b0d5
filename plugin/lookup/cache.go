package lookup

import (
	"context"
	"errors"
	"hash/maphash"
	"sync"
	"time"

	"github.com/coredns/coredns/plugin/pkg/cache"

	"github.com/coredns-failover/failover/plugin/pool"
)

const (
	// maxReplies is how many replies are kept, of 10,000 names in both families.
	maxReplies = 20_000
	// failureTTL is how long a failed lookup stands. Without it, every query
	// would ask an upstream that is dead; it is short, because nothing tells
	// when that is back.
	failureTTL = time.Second
	// staleTTL is how long a reply that has run out is used if lookups fail.
	staleTTL = 10 * time.Minute
)

var (
	errPanicked = errors.New("the lookup panicked")
	seed        = maphash.MakeSeed()
)

// Cache are replies to what queries asked for, for their TTL, so that the plugins
// behind are asked no more often than by a cache. The zero Kept is empty.
type Cache struct {
	once    sync.Once
	entries *cache.Cache[*entry]

	mu      sync.Mutex // guards the following
	flights map[question]*flight
}

type question struct {
	name  string
	qtype uint16
}

// An entry is never changed.
type entry struct {
	question question
	reply    *pool.Reply // the last; nil if there is none that can be used
	err      error       // why the last lookup failed, after that
	until    time.Time   // when to ask again
}

// A flight is a lookup that is under way.
type flight struct {
	done  chan struct{} // closed when the following are known
	reply *pool.Reply
	err   error
}

// Get returns what is known of a name, which is in lower case. It asks if that is
// too old; of several who want to know the same at a time, one asks, and ctx is
// that one's. The last reply stands for ten minutes if lookups fail, and is what
// nobody waits any longer for than patience.
func (k *Cache) Get(ctx context.Context, name string, qtype uint16, ask func(context.Context) (*pool.Reply, error)) (*pool.Reply, error) {
	k.once.Do(k.init)
	q := question{name, qtype}
	if e := k.find(q); e.fresh() {
		return e.result()
	}
	nested := waitedFor(ctx)
	ctx, err := enter(ctx, k, name, qtype)
	if err != nil {
		return nil, err
	}
	if nested {
		return k.lookUp(ctx, q, ask) // whom we would wait for may wait for us
	}
	f, first, e := k.join(q)
	switch {
	case e != nil:
		return e.result()
	case first && !k.find(q).usable():
		return k.lead(ctx, q, f, ask)
	case first:
		go func() {
			var err error // which f has as well
			defer catch(&err)
			k.lead(ctx, q, f, ask)
		}()
	}
	return k.wait(ctx, q, f)
}

// find returns what is known, or nil.
func (k *Cache) find(q question) *entry {
	if e, ok := k.entries.Get(q.hash()); ok && e.question == q {
		return e
	}
	return nil
}

func (q question) hash() uint64 { return maphash.Comparable(seed, q) }

// fresh reports whether there is no need to ask.
func (e *entry) fresh() bool { return e != nil && time.Now().Before(e.until) }

// result returns the reply, if there is one that can be used.
func (e *entry) result() (*pool.Reply, error) {
	if e.usable() {
		return e.reply, nil
	}
	return nil, e.err
}

func (e *entry) usable() bool {
	return e != nil && e.reply != nil && time.Since(e.reply.At) < e.reply.TTL+staleTTL
}

// join returns the lookup that is under way, or one that the caller is the first
// to wait for and has to do, or what somebody has just looked up.
func (k *Cache) join(q question) (f *flight, first bool, e *entry) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if f := k.flights[q]; f != nil {
		return f, false, nil
	}
	if e := k.find(q); e.fresh() {
		return nil, false, e
	}
	if k.flights == nil {
		k.flights = make(map[question]*flight)
	}
	f = &flight{done: make(chan struct{}), err: errPanicked}
	k.flights[q] = f
	return f, true, nil
}

// lead does the lookup that others wait for.
func (k *Cache) lead(ctx context.Context, q question, f *flight, ask func(context.Context) (*pool.Reply, error)) (*pool.Reply, error) {
	defer func() {
		k.mu.Lock()
		defer k.mu.Unlock()
		delete(k.flights, q)
		close(f.done)
	}()
	// A client that goes away takes nobody else's answer along.
	f.reply, f.err = k.lookUp(context.WithoutCancel(ctx), q, ask)
	return f.reply, f.err
}

// wait waits for a lookup, but not for ever: a plugin may hang.
func (k *Cache) wait(ctx context.Context, q question, f *flight) (*pool.Reply, error) {
	limit := lookupTimeout
	if k.find(q).usable() {
		limit = clientWait
	}
	ctx, cancel := context.WithTimeoutCause(ctx, limit, errTimeout)
	defer cancel()
	select {
	case <-f.done:
		return f.reply, f.err
	case <-ctx.Done():
		return k.afterFailure(q, context.Cause(ctx)).result()
	}
}

// add lets k know what somebody else has looked up, which may be nil.
func (k *Cache) add(name string, qtype uint16, r *pool.Reply) {
	if r != nil {
		k.once.Do(k.init)
		q := question{name, qtype}
		k.entries.Add(q.hash(), &entry{question: q, reply: r, until: r.At.Add(r.TTL)})
	}
}

func (k *Cache) init() { k.entries = cache.New[*entry](maxReplies) }

// lookUp asks and keeps what is said.
func (k *Cache) lookUp(ctx context.Context, q question, ask func(context.Context) (*pool.Reply, error)) (*pool.Reply, error) {
	var e *entry
	if r, err := ask(ctx); err == nil {
		e = &entry{question: q, reply: r, until: r.At.Add(r.TTL)}
	} else {
		e = k.afterFailure(q, err)
	}
	k.entries.Add(q.hash(), e)
	return e.result()
}

// afterFailure returns what is known after a lookup that failed.
func (k *Cache) afterFailure(q question, err error) *entry {
	e := &entry{question: q, err: err, until: time.Now().Add(failureTTL)}
	if was := k.find(q); was != nil {
		e.reply = was.reply
	}
	if !e.usable() {
		e.reply = nil
	}
	return e
}
