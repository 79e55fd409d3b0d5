package serve

import (
	"context"

	"github.com/coredns-failover/failover/plugin/answer"
	"github.com/coredns-failover/failover/plugin/chain"

	"github.com/coredns/coredns/plugin"
	"github.com/coredns/coredns/plugin/pkg/nonwriter"
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
	m := answer.Records(q.R, rrs)
	if ecs := q.Subnet(); ecs != nil {
		m = answer.WithSubnet(m, ecs, true)
	}
	q.W.WriteMsg(m)
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
	if t := q.lookUp(ctx, q.set.CNAME.(*dns.CNAME).Target, qtype); t != nil {
		rrs = answer.WithTarget(rrs, t, q.view.TTL)
		q.scoped = q.scoped || answer.IsScoped(t)
	}
	return rrs, !answer.IsCircular(rrs)
}

// lookUp returns what clients of this server are told of a name or, if it serves
// no zone that has the name, what the plugins of the server block say. It returns
// nil if nobody says anything.
func (q *Query) lookUp(ctx context.Context, name string, qtype uint16) *dns.Msg {
	state := request.Request{W: q.W, Req: q.R}
	m, err := upstream.New().Lookup(ctx, state, name, qtype)
	if err == nil && m != nil && m.Rcode != dns.RcodeRefused {
		return m
	}
	w := nonwriter.New(q.W)
	plugin.NextOrFailure("failover", q.Record.Block(), ctx, w, state.NewWithQuestion(name, qtype).Req)
	return w.Msg
}
