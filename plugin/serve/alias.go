package serve

import (
	"context"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/plugin/answer"
	"github.com/coredns-failover/failover/plugin/lookup"
	"github.com/coredns-failover/failover/plugin/rr"
)

// serveAlias answers with the CNAME of a pool, and with what its target has of the
// type that is asked for, where that can be told here.
func (q *Query) serveAlias(ctx context.Context) (rcode int) {
	m, ok := q.alias(ctx, q.R.Question[0].Qtype)
	if !ok {
		return dns.RcodeServerFailure
	}
	if ecs := q.Subnet(); ecs != nil {
		m = answer.WithSubnet(m, ecs, true)
	}
	q.W.WriteMsg(m)
	return dns.RcodeSuccess
}

// aliasing is who looks up the target of an alias.
type aliasing struct{}

// alias returns what a pool that is an alias answers to a query of a type, and
// false if its target leads back here.
func (q *Query) alias(ctx context.Context, qtype uint16) (m *dns.Msg, ok bool) {
	m = answer.Records(q.R, rr.WithOwner(q.Name, []dns.RR{q.set.CNAME}))
	if qtype == dns.TypeCNAME || qtype == dns.TypeANY {
		return m, true
	}
	if ctx, ok = lookup.Enter(ctx, aliasing{}, q.Name); !ok {
		return nil, false
	}
	if t := q.Record.targets.LookUp(ctx, q.W, q.R, q.set.CNAME.(*dns.CNAME).Target, qtype); t != nil {
		m = answer.WithVerdict(m, t, q.R, q.view.TTL)
		q.scoped = q.scoped || answer.IsScoped(t)
	}
	return m, !answer.IsCircular(m.Answer)
}
