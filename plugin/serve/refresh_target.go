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

// conclude returns m, an answer of the next plugins, with what the first record
// answers to which its CNAMEs lead, and without the denial of a name that exists
// because a record stands below it.
func (b *Block) completeTarget(ctx context.Context, w dns.ResponseWriter, r, m *dns.Msg) *dns.Msg {
	for _, name := range answer.CNAMETargets(m) {
		rec, match := b.names.Find(name)
		switch {
		case match == zone.Record:
			q := query{b, w, r, name, rec}
			return q.completeTarget(ctx, m)
		case match == zone.Exists && m.Rcode == dns.RcodeNameError:
			if last := b.targets.LookUp(ctx, w, r, name, r.Question[0].Qtype); last != nil {
				return answer.ReplaceFrom(m, name, last, r, b.authorityOf(name, nil).ttl)
			}
		}
	}
	return m
}

// concluding is who looks up what a record answers.
type completingTarget struct{}

// conclude returns m, an answer of the next plugins whose CNAMEs lead to the name
// of the record, as it is if that is what the record answers. Else it returns m
// with what the record answers: its rcode, its SOA and its Extended DNS Error.
func (q *query) completeTarget(ctx context.Context, m *dns.Msg) *dns.Msg {
	v := q.rec.ViewOf(q.name)
	if v == nil || q.matches(v, m) {
		return m
	}
	ctx, ok := lookup.Enter(ctx, completingTarget{}, q.name)
	if !ok {
		return m
	}
	if last := q.rec.targets.LookUp(ctx, q.w, q.r, q.name, q.r.Question[0].Qtype); last != nil {
		return answer.ReplaceFrom(m, q.name, last, q.r, v.TTL)
	}
	return m
}

// stands reports whether m, with the addresses of v in it, is all that the record
// answers.
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
