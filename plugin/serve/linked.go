package serve

import (
	"context"

	"github.com/coredns-failover/failover/plugin/answer"
	"github.com/coredns-failover/failover/plugin/chain"
	"github.com/coredns-failover/failover/plugin/policy"
	"github.com/coredns-failover/failover/plugin/pool"

	"github.com/miekg/dns"
)

// Addresses returns what A and AAAA would answer now, aliases included, and false
// if only others can tell. Nobody is asked for it, but for the target of an alias:
// of one family alone if q asks for that, and for a second in all.
func (q *Query) Addresses(ctx context.Context) (v4, v6 []dns.RR, ttl uint32, ok bool) {
	v, qtype := q.Record.Known(q.Name), q.R.Question[0].Qtype
	switch {
	case v == nil || v.Do == pool.Next:
		return nil, nil, 0, false
	case v.Unheard || v.Do == pool.ServFail && v.Why == "":
		return nil, nil, v.TTL, isAddress(qtype) // which is SERVFAIL, see Conclude
	}
	q.view, q.pool = v, v.Pool
	matters := q.Record.Chooser.TellsApart() || q.Record.Aliases && len(q.ECSFrom) > 0
	if matters && q.tellApart(ctx) != nil {
		return nil, nil, 0, false
	}
	q.set = v.Set(q.pool)
	if q.set.CNAME != nil {
		v4, v6, ok = q.aliasAddresses(ctx, qtype)
		return v4, v6, v.TTL, ok
	}
	v4, v6 = policy.PickLinked(q.set, dns.TypeA, q.client), policy.PickLinked(q.set, dns.TypeAAAA, q.client)
	if q.Record.Wildcard || q.set.Next {
		v4, v6 = answer.At(q.Name, v4), answer.At(q.Name, v6)
	}
	return v4, v6, v.TTL, true
}

// aliasAddresses returns the CNAME and the addresses to which it leads: those of
// one family alone if it is asked for them.
func (q *Query) aliasAddresses(ctx context.Context, qtype uint16) (v4, v6 []dns.RR, ok bool) {
	ctx, cancel := chain.Patient(ctx)
	defer cancel()
	var rrs [2][]dns.RR
	for i, family := range [2]uint16{dns.TypeA, dns.TypeAAAA} {
		if isAddress(qtype) && family != qtype {
			continue
		}
		m, found := q.alias(ctx, family)
		if found {
			rrs[i], ok = answer.Unsigned(m.Answer), true
		}
	}
	return rrs[0], rrs[1], ok
}

func isAddress(qtype uint16) bool { return qtype == dns.TypeA || qtype == dns.TypeAAAA }

// Subnet returns the client subnet for which the answer is alone, or nil.
func (q *Query) Subnet() *dns.EDNS0_SUBNET {
	if !q.scoped {
		return nil
	}
	return q.client.ECS
}
