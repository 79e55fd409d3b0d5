package serve

import (
	"context"

	"github.com/coredns-failover/failover/plugin/answer"
	"github.com/coredns-failover/failover/plugin/chain"

	"github.com/coredns/coredns/plugin/pkg/upstream"
	"github.com/coredns/coredns/request"

	"github.com/miekg/dns"
)

// serveAlias answers every type with the CNAME of a pool, and with what its
// target has of that type, where that can be told here.
func (q *Query) serveAlias(ctx context.Context) (rcode int) {
	rrs, ok := q.alias(ctx, q.R.Question[0].Qtype)
	if !ok {
		return dns.RcodeServerFailure
	}
	q.W.WriteMsg(answer.Records(q.R, rrs))
	return dns.RcodeSuccess
}

// alias returns what a pool that is an alias answers to a query of a type, and
// false if its target leads back here.
func (q *Query) alias(ctx context.Context, qtype uint16) (rrs []dns.RR, ok bool) {
	rrs = answer.At(q.Name, []dns.RR{q.set.CNAME})
	if qtype == dns.TypeCNAME || qtype == dns.TypeANY {
		return rrs, true
	}
	if ctx, ok = chain.Enter(ctx, q.Name); !ok {
		return nil, false
	}
	target := q.set.CNAME.(*dns.CNAME).Target
	if t, err := upstream.New().Lookup(ctx, request.Request{W: q.W, Req: q.R}, target, qtype); err == nil && t != nil {
		rrs = answer.WithTarget(rrs, t, q.view.TTL)
	}
	return rrs, !answer.IsCircular(rrs)
}
