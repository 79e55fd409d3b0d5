package serve

import (
	"context"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/plugin/answer"
	"github.com/coredns-failover/failover/plugin/lookup"
	"github.com/coredns-failover/failover/plugin/pool"
)

// concluding is who looks up what a record answers.
type concluding struct{}

// Conclude returns m, an answer of the next plugins whose CNAMEs lead to the name
// of the record, as it is if that is what the record answers. Else it returns m
// with what the record answers: its rcode, its SOA and its Extended DNS Error.
func (q *Query) Conclude(ctx context.Context, m *dns.Msg) *dns.Msg {
	v := q.Record.Known(q.Name)
	if v == nil || q.stands(v, m) {
		return m
	}
	ctx, ok := lookup.Enter(ctx, concluding{}, q.Name)
	if !ok {
		return m
	}
	if last := q.Record.Targets.LookUp(ctx, q.W, q.R, q.Name, q.R.Question[0].Qtype); last != nil {
		return answer.Concluded(m, q.Name, last, q.R, v.TTL)
	}
	return m
}

// stands reports whether m, with the addresses of v in it, is all that the record
// answers.
func (q *Query) stands(v *pool.View, m *dns.Msg) bool {
	switch qtype := q.R.Question[0].Qtype; {
	case qtype == dns.TypeCNAME || qtype == dns.TypeANY:
		return true // no CNAME is followed
	case isAddress(qtype):
		return v.State != pool.Degraded && answer.HasAnswer(m)
	default:
		return m.Rcode != dns.RcodeNameError && !q.mayBeAlias(v)
	}
}

func (q *Query) mayBeAlias(v *pool.View) bool {
	set := v.Set(v.Pool)
	return q.Record.Aliases && (v.Choose || set != nil && set.CNAME != nil)
}
