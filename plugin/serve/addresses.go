package serve

import (
	"context"
	"slices"
	"time"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/plugin/answer"
	"github.com/coredns-failover/failover/plugin/lookup"
	"github.com/coredns-failover/failover/plugin/policy"
	"github.com/coredns-failover/failover/plugin/pool"
	"github.com/coredns-failover/failover/plugin/rr"
	"github.com/coredns-failover/failover/plugin/zone"
)

// name is the name of the plugin.
const name = "failover"

// A query is a query for a name of a record. It must not escape to the heap.
type query struct {
	block *Block
	w     dns.ResponseWriter
	r     *dns.Msg
	name  string  // in lower case
	rec   *Record // nil in other_types.go if the name is no record's
}

// ServeRecord answers A, AAAA and ANY for a record, and all types while it is a CNAME.
func (b *Block) ServeRecord(ctx context.Context, w dns.ResponseWriter, r *dns.Msg, qname string, rec *Record) (int, error) {
	if b.lookedUp {
		lookup.TraceOf(ctx).Add(rec.Record().Name)
	}
	q := query{b, w, r, qname, rec}
	d, err := q.decide(ctx)
	if err != nil {
		return dns.RcodeFormatError, nil
	}
	explained := isExplained(ctx, &q, &d)
	qtype := r.Question[0].Qtype
	if rec.hasCNAME && d.Set.CNAME == nil && !rr.IsAddress(qtype) && qtype != dns.TypeANY {
		return b.ServeFromNext(ctx, w, r, qname, rec, zone.Record)
	}
	if !explained {
		rec.observer.Responded(b.server(ctx), d.Pool)
	}
	if !d.isPlain() {
		return q.serveEdited(ctx, &d)
	}
	m, rcode := q.fromPool(ctx, &d)
	if m == nil {
		return rcode, nil
	}
	w.WriteMsg(m)
	return dns.RcodeSuccess, nil
}

// isPlain reports whether the answer is what the pool has, without edits.
func (d *decision) isPlain() bool {
	return d.View.State != pool.Degraded && d.View.Mode == pool.Answer && d.Client.ECS == nil
}

// serveEdited answers if the answer has edits.
func (q *query) serveEdited(ctx context.Context, d *decision) (int, error) {
	e := q.edits(d)
	if d.View.Mode == pool.Next {
		return q.block.serveModeNext(ctx, q, &e)
	}
	m, rcode := q.reply(ctx, d, e.why)
	if m == nil {
		return rcode, nil
	}
	q.w.WriteMsg(e.apply(q.r, m))
	return dns.RcodeSuccess, nil
}

// reply returns the answer of the record. If it is nil, the server writes rcode, which
// no cache keeps. why is the Extended DNS Error, or "".
func (q *query) reply(ctx context.Context, d *decision, why string) (m *dns.Msg, rcode int) {
	switch mode := d.View.Mode; {
	case mode == pool.Answer || mode == pool.NoData:
		return q.fromPool(ctx, d)
	case why == "" || q.r.IsEdns0() == nil:
		return nil, dns.RcodeServerFailure
	}
	return answer.ServFail(q.r), dns.RcodeSuccess
}

// fromPool returns the answer from the pool that d chose.
func (q *query) fromPool(ctx context.Context, d *decision) (m *dns.Msg, rcode int) {
	switch {
	case d.Set.CNAME != nil:
		return q.fromCNAME(ctx, d)
	case d.Set.Next:
		return q.fromReplies(d), dns.RcodeSuccess
	}
	rrs := q.pick(d, q.r.Question[0].Qtype)
	switch {
	case len(rrs) == 0:
		return answer.NoData(q.r, q.soa(d)), dns.RcodeSuccess
	case q.rec.wildcard:
		rrs = rr.WithOwner(q.name, rrs)
	}
	return answer.Records(q.r, rrs), dns.RcodeSuccess
}

// pick returns the addresses for a query of this type: of both families for ANY.
func (q *query) pick(d *decision, qtype uint16) []dns.RR {
	if qtype == dns.TypeANY {
		return slices.Concat(policy.Pick(d.Set, dns.TypeA, d.Client), policy.Pick(d.Set, dns.TypeAAAA, d.Client))
	}
	return policy.Pick(d.Set, qtype, d.Client)
}

func (q *query) soa(d *decision) dns.RR { return q.rec.negative(d.View.TTL) }

// fromReplies returns the answer to A, AAAA or ANY from the replies of the next plugins,
// without unhealthy addresses.
func (q *query) fromReplies(d *decision) *dns.Msg {
	if qtype := q.r.Question[0].Qtype; qtype != dns.TypeANY {
		return q.fromReply(d, qtype)
	}
	return answer.Any(q.r, q.fromReply(d, dns.TypeA), q.fromReply(d, dns.TypeAAAA))
}

// fromReply returns the answer from their reply about one family.
func (q *query) fromReply(d *decision, qtype uint16) *dns.Msg {
	reply, rrs := d.Set.Family(qtype).Reply, q.pick(d, qtype)
	switch {
	case reply != nil && reply.Negative != nil:
		g := &answer.Guard{Req: q.r, Name: q.name, TTL: d.View.TTL, SOA: func() dns.RR { return q.soa(d) }}
		return g.Edit(answer.NegativeFromNext(q.r, reply.Negative, d.View.TTL))
	case len(rrs) == 0:
		return answer.NoData(q.r, q.soa(d))
	}
	a := answer.NextAddresses{Chain: reply.CNAMEs, Addrs: rrs, Aging: reply.Aging, Left: reply.Left(time.Now())}
	if len(rrs) == len(reply.Addrs) {
		a.Sigs = reply.Sigs
	}
	return answer.FromNext(q.r, a)
}
