package serve

import (
	"context"
	"slices"
	"time"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/plugin/answer"
	"github.com/coredns-failover/failover/plugin/policy"
	"github.com/coredns-failover/failover/plugin/pool"
	"github.com/coredns-failover/failover/plugin/rr"
)

// reply returns the answer to A, AAAA and ANY, and to all types if the pool is a
// CNAME. It is nil if the server is to write rcode: then no cache keeps it. why says in
// words that the record is degraded.
func (q *query) reply(ctx context.Context, d *Decision, why string) (m *dns.Msg, rcode int) {
	switch mode := d.View.Mode; {
	case mode == pool.Answer || mode == pool.NoData:
		return q.fromPool(ctx, d)
	case why == "" || q.r.IsEdns0() == nil:
		return nil, dns.RcodeServerFailure
	}
	return answer.ServFail(q.r), dns.RcodeSuccess
}

// fromPool returns what the pool has.
func (q *query) fromPool(ctx context.Context, d *Decision) (m *dns.Msg, rcode int) {
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

// pick returns the addresses that a type asks for: of both families for ANY.
func (q *query) pick(d *Decision, qtype uint16) []dns.RR {
	if qtype == dns.TypeANY {
		return slices.Concat(policy.Pick(d.Set, dns.TypeA, d.Client), policy.Pick(d.Set, dns.TypeAAAA, d.Client))
	}
	return policy.Pick(d.Set, qtype, d.Client)
}

func (q *query) soa(d *Decision) dns.RR { return q.rec.negative(d.View.TTL) }

// fromReplies returns what the next plugins said of A, AAAA and ANY, without what is
// not healthy.
func (q *query) fromReplies(d *Decision) *dns.Msg {
	if qtype := q.r.Question[0].Qtype; qtype != dns.TypeANY {
		return q.fromReply(d, qtype)
	}
	return answer.Any(q.r, q.fromReply(d, dns.TypeA), q.fromReply(d, dns.TypeAAAA))
}

// fromReply returns what they said of one family.
func (q *query) fromReply(d *Decision, qtype uint16) *dns.Msg {
	said, rrs := d.Set.Family(qtype).Reply, q.pick(d, qtype)
	switch {
	case said != nil && said.Negative != nil:
		e := &answer.Existing{Req: q.r, Name: q.name, TTL: d.View.TTL, SOA: func() dns.RR { return q.soa(d) }}
		return e.Edit(answer.NegativeFromOther(q.r, said.Negative, d.View.TTL))
	case len(rrs) == 0:
		return answer.NoData(q.r, q.soa(d))
	}
	o := answer.Other{Aliases: said.CNAMEs, Addrs: rrs, Aging: said.Aging, Left: said.Left(time.Now())}
	if len(rrs) == len(said.Addrs) {
		o.Sigs = said.Sigs
	}
	return answer.FromOther(q.r, o)
}
