package lookup

import (
	"context"
	"hash/maphash"
	"sync"
	"time"

	"github.com/coredns/coredns/plugin/pkg/cache"

	"github.com/miekg/dns"
	"golang.org/x/sync/singleflight"

	"github.com/coredns-failover/failover/plugin/pool"
)

const (
	// maxReplies is the size of a replyCache: 10,000 names in both families.
	maxReplies = 20_000
	// failureTTL is how long a failed lookup is not repeated. Without it, every query
	// would ask a dead upstream. It is short, because nothing reports that the
	// upstream is back.
	failureTTL = time.Second
	// staleTTL is how long an expired reply is used while lookups fail.
	staleTTL = 10 * time.Minute
	// staleWait is how long a client waits for a new reply if there is an expired one.
	staleWait = time.Second
)

var seed = maphash.MakeSeed()

// A replyCache keeps the replies to lookups for their TTL, so that queries cause no more
// lookups than with the cache plugin. The zero replyCache is empty.
type replyCache struct {
	once    sync.Once
	entries *cache.Cache[*entry]
	lookups singleflight.Group
}

type question struct {
	name  string
	qtype uint16
}

// An entry is never changed.
type entry struct {
	question question
	reply    *pool.Reply // the last; nil if there is none that can be used
	err      error       // of the last lookup, if it failed
	until    time.Time   // when the next lookup is due
}

// get returns the reply for a lower-case name. If that has expired, get calls ask,
// once for all callers that need the same reply at the same time, and with the context
// of the first of them, without its end. If the lookup fails or takes longer than
// staleWait, get returns the expired reply, for at most ten minutes.
func (c *replyCache) get(ctx context.Context, name string, qtype uint16, ask func(context.Context) (*pool.Reply, error)) (*pool.Reply, error) {
	c.once.Do(c.init)
	q := question{name, qtype}
	if e := c.find(q); e.fresh() {
		return e.result()
	}
	return c.renew(ctx, q, ask)
}

// renew is get without a fresh reply.
func (c *replyCache) renew(ctx context.Context, q question, ask func(context.Context) (*pool.Reply, error)) (*pool.Reply, error) {
	nested := isAwaited(ctx)
	ctx, err := enter(ctx, c, q.name, q.qtype)
	if err != nil {
		return nil, err
	}
	if nested {
		return c.lookUp(ctx, q, ask).result() // another lookup of q may wait for this one
	}
	limit := lookupTimeout // a plugin may hang
	if c.find(q).usable() {
		limit = staleWait
	}
	done := c.lookups.DoChan(q.key(), func() (any, error) {
		if e := c.find(q); e.fresh() { // by a lookup that has just ended
			return e, nil
		}
		return c.lookUp(context.WithoutCancel(ctx), q, ask), nil
	})
	wait, cancel := context.WithTimeoutCause(ctx, limit, errTimeout)
	defer cancel()
	select {
	case r := <-done:
		return r.Val.(*entry).result()
	case <-wait.Done():
		return c.afterFailure(q, context.Cause(wait)).result()
	}
}

// lookUp calls ask, and keeps the outcome.
func (c *replyCache) lookUp(ctx context.Context, q question, ask func(context.Context) (*pool.Reply, error)) *entry {
	r, err := safely(func() (*pool.Reply, error) { return ask(ctx) })
	e := &entry{question: q, reply: r}
	if err == nil {
		e.until = r.At.Add(r.TTL)
	} else {
		e = c.afterFailure(q, err)
	}
	c.entries.Add(q.hash(), e)
	return e
}

// afterFailure returns the entry of q after a failed lookup.
func (c *replyCache) afterFailure(q question, err error) *entry {
	e := &entry{question: q, err: err, until: time.Now().Add(failureTTL)}
	if prev := c.find(q); prev.usable() {
		e.reply = prev.reply
	}
	return e
}

// add keeps a reply from elsewhere, which may be nil.
func (c *replyCache) add(name string, qtype uint16, r *pool.Reply) {
	if r != nil {
		c.once.Do(c.init)
		q := question{name, qtype}
		c.entries.Add(q.hash(), &entry{question: q, reply: r, until: r.At.Add(r.TTL)})
	}
}

func (c *replyCache) init() { c.entries = cache.New[*entry](maxReplies) }

// find returns the entry of q, or nil.
func (c *replyCache) find(q question) *entry {
	if e, ok := c.entries.Get(q.hash()); ok && e.question == q {
		return e
	}
	return nil
}

func (q question) hash() uint64 { return maphash.Comparable(seed, q) }

func (q question) key() string { return q.name + " " + dns.Type(q.qtype).String() }

// fresh reports whether no lookup is due.
func (e *entry) fresh() bool { return e != nil && time.Now().Before(e.until) }

// result returns the reply if it can be used, else the error of the last lookup.
func (e *entry) result() (*pool.Reply, error) {
	if e.usable() {
		return e.reply, nil
	}
	return nil, e.err
}

func (e *entry) usable() bool {
	return e != nil && e.reply != nil && time.Since(e.reply.At) < e.reply.TTL+staleTTL
}
