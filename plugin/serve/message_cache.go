package serve

import (
	"context"
	"hash/maphash"
	"slices"
	"strings"
	"time"

	"github.com/coredns/coredns/plugin"
	"github.com/coredns/coredns/plugin/pkg/cache"
	"github.com/coredns/coredns/plugin/pkg/dnsutil"
	"github.com/coredns/coredns/plugin/pkg/response"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/plugin/answer"
	"github.com/coredns-failover/failover/plugin/lookup"
)

const (
	// maxMessages is the default capacity of the cache plugin.
	maxMessages = 10_000
	// messageTTL is how long messages are kept at most; for denials that is
	// [lookup.DenialTTL]. It saves nearly all queries to an upstream, and a changed
	// record, such as a TXT for ACME, is served after 30 s.
	messageTTL = 30 * time.Second
)

var messageSeed = maphash.MakeSeed()

// A messageCache keeps replies of the next plugins for their TTL, in place of a cache in
// front that bypasses our names. A nil messageCache keeps nothing.
type messageCache struct {
	zones plugin.Zones
	cache *cache.Cache[*cachedMessage]
}

// newMessageCache returns a messageCache in place of a cache for these zones, and nil if
// there are none.
func newMessageCache(zones []string) *messageCache {
	if len(zones) == 0 {
		return nil
	}
	return &messageCache{zones, cache.New[*cachedMessage](maxMessages)}
}

// A messageKey has all parts of a query that its reply depends on.
type messageKey struct {
	name   string // in lower case
	qtype  uint16
	do, cd bool
}

// A cachedMessage is never changed.
type cachedMessage struct {
	key messageKey
	msg *dns.Msg
	at  time.Time
	ttl time.Duration
}

// serve answers r from the cache, else it calls [plugin.NextOrFailure] and keeps the
// reply.
func (c *messageCache) serve(ctx context.Context, name string, next plugin.Handler, w dns.ResponseWriter, r *dns.Msg) (int, error) {
	if c == nil {
		return plugin.NextOrFailure(name, next, ctx, w, r)
	}
	q, ok := keyOf(r)
	if !ok || !c.zones.Contains(q.name) {
		return plugin.NextOrFailure(name, next, ctx, w, r)
	}
	if m := c.find(q, time.Now()); m != nil {
		w.WriteMsg(m.reply(r))
		return dns.RcodeSuccess, nil
	}
	aw := &answer.Writer{ResponseWriter: w, Edit: func(m *dns.Msg) *dns.Msg {
		c.keep(q, m, time.Now())
		return m
	}}
	return plugin.NextOrFailure(name, next, ctx, aw, r)
}

// keyOf returns the key of r, and false if r has a client subnet: then its reply may be
// for that client alone.
func keyOf(r *dns.Msg) (messageKey, bool) {
	q := messageKey{name: strings.ToLower(r.Question[0].Name), qtype: r.Question[0].Qtype, cd: r.CheckingDisabled}
	opt := r.IsEdns0()
	if opt == nil {
		return q, true
	}
	q.do = opt.Do()
	return q, !slices.ContainsFunc(opt.Option, func(o dns.EDNS0) bool { return o.Option() == dns.EDNS0SUBNET })
}

func (k messageKey) hash() uint64 { return maphash.Comparable(messageSeed, k) }

// find returns the message that has not expired, or nil.
func (c *messageCache) find(q messageKey, now time.Time) *cachedMessage {
	if m, ok := c.cache.Get(q.hash()); ok && m.key == q && now.Sub(m.at) < m.ttl {
		return m
	}
	return nil
}

// keep adds m if the cache plugin would.
func (c *messageCache) keep(q messageKey, m *dns.Msg, now time.Time) {
	most := messageTTL
	kind, _ := response.Typify(m, now)
	switch kind {
	case response.NoError, response.Delegation:
	case response.NameError, response.NoData:
		most = lookup.DenialTTL
	default:
		return
	}
	if ttl := min(dnsutil.MinimalTTL(m, kind), most); ttl > 0 && !m.Truncated {
		c.cache.Add(q.hash(), &cachedMessage{key: q, msg: m.Copy(), at: now, ttl: ttl}) // other plugins may change m later
	}
}

// reply returns m as the reply to r, with TTLs that are lower by its age.
func (m *cachedMessage) reply(r *dns.Msg) *dns.Msg {
	c := *m.msg
	c.Id, c.Question, c.RecursionDesired, c.CheckingDisabled = r.Id, r.Question, r.RecursionDesired, r.CheckingDisabled
	age := uint32(time.Since(m.at) / time.Second) // #nosec G115 -- messageTTL at most
	c.Answer, c.Ns, c.Extra = answer.WithAge(m.msg.Answer, age), answer.WithAge(m.msg.Ns, age), answer.WithAge(m.msg.Extra, age)
	return &c
}
