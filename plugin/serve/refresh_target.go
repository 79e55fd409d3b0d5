package serve

import (
	"context"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/plugin/answer"
	"github.com/coredns-failover/failover/plugin/lookup"
	"github.com/coredns-failover/failover/plugin/pool"
	"github.com/coredns-failover/failover/plugin/rr"
	"github.com/coredns-failover/failover/plugin/zone"
)

// completeTarget returns m, an answer of the next plugins, with the answer of the first
// record to which its CNAMEs lead, and without denial of an empty non-terminal.
func (b *Block) completeTarget(ctx context.Context, w dns.ResponseWriter, r, m *dns.Msg) *dns.Msg {
	for _, name := range answer.CNAMETargets(m) {
		rec, match := b.names.Find(name)
		switch {
		case match == zone.Record:
			q := query{b, w, r, name, rec}
			return q.completeTarget(ctx, m)
		case match == zone.EmptyNonTerminal && m.Rcode == dns.RcodeNameError:
			if target := b.targets.Lookup(ctx, w, r, name, r.Question[0].Qtype); target != nil {
				return answer.ReplaceFrom(m, name, target, r, b.authorityOf(name, nil).ttl)
			}
		}
	}
	return m
}

// completingTarget marks the context of lookups by completeTarget, to find loops.
type completingTarget struct{}

// completeTarget returns m, an answer of the next plugins whose CNAMEs lead to the name
// of the record, with the answer of the record: its rcode, its SOA and its Extended DNS
// Error. It returns m itself if that is the answer already.
func (q *query) completeTarget(ctx context.Context, m *dns.Msg) *dns.Msg {
	v := q.rec.ViewOf(q.name)
	if v == nil || q.matches(v, m) {
		return m
	}
	ctx, ok := lookup.Enter(ctx, completingTarget{}, q.name)
	if !ok {
		return m
	}
	if target := q.rec.targets.Lookup(ctx, q.w, q.r, q.name, q.r.Question[0].Qtype); target != nil {
		return answer.ReplaceFrom(m, q.name, target, q.r, v.TTL)
	}
	return m
}

// matches reports whether m, with the addresses of v in it, is what the record answers.
func (q *query) matches(v *pool.View, m *dns.Msg) bool {
	switch qtype := q.r.Question[0].Qtype; {
	case qtype == dns.TypeCNAME || qtype == dns.TypeANY:
		return true // no CNAME is followed
	case rr.IsAddress(qtype):
		return v.State != pool.Degraded && answer.HasAnswer(m)
	default:
		return m.Rcode != dns.RcodeNameError && !q.mayBeCNAME(v)
	}
}

func (q *query) mayBeCNAME(v *pool.View) bool {
	set := v.Set(v.Pool)
	return q.rec.hasCNAME && (v.Choose || set != nil && set.CNAME != nil)
}
