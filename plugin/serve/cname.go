package serve

import (
	"context"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/plugin/answer"
	"github.com/coredns-failover/failover/plugin/lookup"
	"github.com/coredns-failover/failover/plugin/rr"
)

// fromCNAME returns the CNAME of the pool and, if it can be looked up, the answer for
// its target. If m is nil, the server writes rcode.
func (q *query) fromCNAME(ctx context.Context, d *decision) (m *dns.Msg, rcode int) {
	m, ok := q.followCNAME(ctx, d, q.r.Question[0].Qtype)
	if !ok {
		return nil, dns.RcodeServerFailure
	}
	if ecs := d.subnet(); ecs != nil {
		m = answer.WithSubnet(m, ecs, true)
	}
	return m, dns.RcodeSuccess
}

// followingCNAME marks the context of lookups of CNAME targets, to find loops.
type followingCNAME struct{}

// followCNAME returns the answer of a pool that is a CNAME to a query of this type, and
// false if its target leads back here. It sets d.Scoped if the target's answer is
// scoped.
func (q *query) followCNAME(ctx context.Context, d *decision, qtype uint16) (m *dns.Msg, ok bool) {
	m = answer.Records(q.r, rr.WithOwner(q.name, []dns.RR{d.Set.CNAME}))
	if qtype == dns.TypeCNAME || qtype == dns.TypeANY {
		return m, true
	}
	if ctx, ok = lookup.Enter(ctx, followingCNAME{}, q.name); !ok {
		return nil, false
	}
	if t := q.rec.targets.Lookup(ctx, q.w, q.r, d.Set.CNAME.(*dns.CNAME).Target, qtype); t != nil {
		m = answer.WithTarget(m, t, q.r, d.View.TTL)
		d.Scoped = d.Scoped || answer.IsScoped(t)
	}
	return m, !answer.IsCircular(m.Answer)
}
