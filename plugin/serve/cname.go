package serve

import (
	"context"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/plugin/answer"
	"github.com/coredns-failover/failover/plugin/lookup"
	"github.com/coredns-failover/failover/plugin/rr"
)

// fromCNAME returns the CNAME of a pool, and what its target has of the type that is
// asked for, where that can be told here.
func (q *query) fromCNAME(ctx context.Context, d *Decision) (m *dns.Msg, rcode int) {
	m, ok := q.followCNAME(ctx, d, q.r.Question[0].Qtype)
	if !ok {
		return nil, dns.RcodeServerFailure
	}
	if ecs := d.subnet(); ecs != nil {
		m = answer.WithSubnet(m, ecs, true)
	}
	return m, dns.RcodeSuccess
}

// aliasing is who looks up the target of a CNAME.
type followingCNAME struct{}

// followCNAME returns what a pool that is a CNAME answers to a query of a type, and
// false if its target leads back here. It notes in d what the target is scoped to.
func (q *query) followCNAME(ctx context.Context, d *Decision, qtype uint16) (m *dns.Msg, ok bool) {
	m = answer.Records(q.r, rr.WithOwner(q.name, []dns.RR{d.Set.CNAME}))
	if qtype == dns.TypeCNAME || qtype == dns.TypeANY {
		return m, true
	}
	if ctx, ok = lookup.Enter(ctx, followingCNAME{}, q.name); !ok {
		return nil, false
	}
	if t := q.rec.targets.LookUp(ctx, q.w, q.r, d.Set.CNAME.(*dns.CNAME).Target, qtype); t != nil {
		m = answer.WithTarget(m, t, q.r, d.View.TTL)
		d.Scoped = d.Scoped || answer.IsScoped(t)
	}
	return m, !answer.IsCircular(m.Answer)
}
