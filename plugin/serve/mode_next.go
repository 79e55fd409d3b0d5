package serve

import (
	"context"

	"github.com/coredns/coredns/plugin/pkg/nonwriter"
	"github.com/coredns/coredns/request"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/plugin/answer"
	"github.com/coredns-failover/failover/plugin/lookup"
	"github.com/coredns-failover/failover/plugin/zone"
)

// serveModeNext lets the next plugins answer for a record in mode [pool.Next]. They may
// answer with a CNAME.
func (b *Block) serveModeNext(ctx context.Context, q *query, e *edits) (int, error) {
	if q.r.Question[0].Qtype != dns.TypeANY {
		return b.serveFromNext(ctx, q, zone.EmptyNonTerminal, e)
	}
	v4, v6 := b.bothFromNext(ctx, *q)
	m := answer.Any(q.r, v4, v6)
	if m == nil {
		return dns.RcodeServerFailure, nil
	}
	q.w.WriteMsg(e.apply(q.r, m))
	return dns.RcodeSuccess, nil
}

// bothFromNext returns the answers to A and AAAA of a record in mode [pool.Next]. An
// answer that takes longer than a second is nil.
func (b *Block) bothFromNext(ctx context.Context, q query) (v4, v6 *dns.Msg) {
	return lookup.Both(ctx, func(ctx context.Context, qtype uint16) *dns.Msg {
		state := request.Request{W: q.w, Req: q.r}
		nw := nonwriter.New(q.w)
		b.ServeFromNext(ctx, nw, state.NewWithQuestion(q.name, qtype).Req, q.name, q.rec, zone.EmptyNonTerminal)
		return nw.Msg
	})
}
