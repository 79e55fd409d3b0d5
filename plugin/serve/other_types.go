package serve

import (
	"context"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/plugin/answer"
	"github.com/coredns-failover/failover/plugin/zone"
)

// ServeFromNext lets the next plugins answer for a name in a zone, or for a type that
// the record does not answer. They cannot deny a record's name or one above it. If none
// answers, the block does. rec is nil if the name is no record's.
func (b *Block) ServeFromNext(ctx context.Context, w dns.ResponseWriter, r *dns.Msg, qname string, rec *Record, match zone.Match) (int, error) {
	return b.serveFromNext(ctx, &query{b, w, r, qname, rec}, match, new(edits))
}

// serveFromNext is ServeFromNext with edits of the answer.
func (b *Block) serveFromNext(ctx context.Context, q *query, match zone.Match, e *edits) (int, error) {
	n := b.authorityOf(q.name, q.rec)
	w := &writer{Writer: answer.Writer{ResponseWriter: q.w}, block: b, ctx: ctx, r: q.r, edits: *e}
	if match == zone.Record || match == zone.EmptyNonTerminal {
		w.guard = b.guard(q, n, match)
	}
	rcode, err := b.messages.serve(ctx, name, b.cfg.Next(), w, q.r)
	switch {
	case !w.Unanswered(rcode, err):
		return rcode, err
	case n.apex == b.origins.root:
		return dns.RcodeRefused, nil
	}
	q.w.WriteMsg(e.apply(q.r, b.synthesize(q, n, match)))
	return dns.RcodeSuccess, nil
}

// guard returns the Guard of a name that exists because of a record.
func (b *Block) guard(q *query, n authority, match zone.Match) *answer.Guard {
	qname, rec := q.name, q.rec
	return &answer.Guard{
		Req:    q.r,
		Name:   qname,
		Record: match == zone.Record,
		Shared: match == zone.Record && !rec.ownsName(qname),
		TTL:    n.ttl,
		SOA:    func() dns.RR { return b.soa(qname, rec, n) },
	}
}

// synthesize returns the answer of a zone for which no next plugin answers: SOA or NS
// at its apex, else NODATA or NXDOMAIN.
func (b *Block) synthesize(q *query, n authority, match zone.Match) *dns.Msg {
	if rrs := n.apex.Synthetic(q.name, q.r.Question[0].Qtype, n.ttl); rrs != nil {
		return answer.Records(q.r, rrs)
	}
	m := answer.NoData(q.r, b.soa(q.name, q.rec, n))
	if match == zone.InZone {
		m.Rcode = dns.RcodeNameError
	}
	return m
}
