package lookup

import (
	"context"
	"hash/maphash"
	"strings"
	"time"

	"github.com/coredns/coredns/plugin"
	"github.com/coredns/coredns/plugin/pkg/cache"
	"github.com/coredns/coredns/plugin/pkg/dnsutil"
	"github.com/coredns/coredns/plugin/pkg/response"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/plugin/answer"
)

const (
	// keptMessages is as many as the cache plugin keeps of either kind.
	keptMessages = 10_000
	// keptTTL and keptDenialTTL are how long messages are kept at most. That spares
	// an upstream nearly all queries, and who has changed a record, such as one for
	// ACME, waits for no longer.
	keptTTL       = 30 * time.Second
	keptDenialTTL = 5 * time.Second
)

// A Keeper keeps whole answers of the plugins behind for their TTL, in place of a
// cache in front that is to bypass our names. A nil Keeper keeps nothing.
type Keeper struct {
	zones plugin.Zones
	cache *cache.Cache[*keptMessage]
}

// NewKeeper returns a Keeper in place of a cache that handles zones; nil if there
// are none.
func NewKeeper(zones []string) *Keeper {
	if len(zones) == 0 {
		return nil
	}
	return &Keeper{zones, cache.New[*keptMessage](keptMessages)}
}

// A query is all of a question that its answer depends on.
type query struct {
	name   string // in lower case
	qtype  uint16
	do, cd bool
}

// A keptMessage is never changed.
type keptMessage struct {
	query query
	msg   *dns.Msg
	at    time.Time
	ttl   time.Duration
}

// ServeDNS answers r with what is kept, or asks next, which may be nil, as
// plugin.NextOrFailure does in the name of name.
func (k *Keeper) ServeDNS(ctx context.Context, name string, next plugin.Handler, w dns.ResponseWriter, r *dns.Msg) (int, error) {
	if k == nil {
		return plugin.NextOrFailure(name, next, ctx, w, r)
	}
	q, ok := queryOf(r)
	if !ok || !k.zones.Contains(q.name) {
		return plugin.NextOrFailure(name, next, ctx, w, r)
	}
	if m := k.find(q, time.Now()); m != nil {
		w.WriteMsg(m.reply(r))
		return dns.RcodeSuccess, nil
	}
	aw := &answer.Writer{ResponseWriter: w, Edit: func(m *dns.Msg) *dns.Msg {
		k.keep(q, m, time.Now())
		return m
	}}
	return plugin.NextOrFailure(name, next, ctx, aw, r)
}

// queryOf returns false for a query whose answer may be for its client alone.
func queryOf(r *dns.Msg) (query, bool) {
	q := query{name: strings.ToLower(r.Question[0].Name), qtype: r.Question[0].Qtype, cd: r.CheckingDisabled}
	opt := r.IsEdns0()
	if opt == nil {
		return q, true
	}
	q.do = opt.Do()
	for _, o := range opt.Option {
		if o.Option() == dns.EDNS0SUBNET {
			return q, false
		}
	}
	return q, true
}

func (q query) hash() uint64 { return maphash.Comparable(seed, q) }

// find returns what is kept and has not run out, or nil.
func (k *Keeper) find(q query, now time.Time) *keptMessage {
	if m, ok := k.cache.Get(q.hash()); ok && m.query == q && now.Sub(m.at) < m.ttl {
		return m
	}
	return nil
}

// keep keeps m if the cache plugin would.
func (k *Keeper) keep(q query, m *dns.Msg, now time.Time) {
	most := keptTTL
	kind, _ := response.Typify(m, now)
	switch kind {
	case response.NoError, response.Delegation:
	case response.NameError, response.NoData:
		most = keptDenialTTL
	default:
		return
	}
	if ttl := min(dnsutil.MinimalTTL(m, kind), most); ttl > 0 && !m.Truncated {
		k.cache.Add(q.hash(), &keptMessage{query: q, msg: m.Copy(), at: now, ttl: ttl}) // others may go on to change m
	}
}

// reply returns what is kept as the reply to r, as old as it is.
func (m *keptMessage) reply(r *dns.Msg) *dns.Msg {
	c := *m.msg
	c.Id, c.Question, c.RecursionDesired, c.CheckingDisabled = r.Id, r.Question, r.RecursionDesired, r.CheckingDisabled
	age := uint32(time.Since(m.at) / time.Second) // #nosec G115 -- keptTTL at most
	c.Answer, c.Ns, c.Extra = answer.Aged(m.msg.Answer, age), answer.Aged(m.msg.Ns, age), answer.Aged(m.msg.Extra, age)
	return &c
}
