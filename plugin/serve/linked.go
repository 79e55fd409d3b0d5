package serve

import (
	"context"

	"github.com/coredns-failover/failover/plugin/answer"
	"github.com/coredns-failover/failover/plugin/policy"
	"github.com/coredns-failover/failover/plugin/pool"

	"github.com/miekg/dns"
)

// Addresses returns what A and AAAA would answer now, aliases included, and false
// if only others can tell. Nobody is asked for it.
func (q *Query) Addresses(ctx context.Context) (v4, v6 []dns.RR, ttl uint32, ok bool) {
	v := q.Record.Known(q.Name)
	if v == nil || v.Do == pool.Next || v.Unheard || v.Do == pool.ServFail && v.Why == "" {
		return nil, nil, 0, false
	}
	q.view, q.pool = v, v.Pool
	matters := q.Record.Chooser.TellsApart() || q.Record.Aliases && len(q.ECSFrom) > 0
	if matters && q.tellApart(ctx) != nil {
		return nil, nil, 0, false
	}
	q.set = v.Set(q.pool)
	if q.set.CNAME != nil {
		v4, ok = q.alias(ctx, dns.TypeA)
		v6, _ = q.alias(ctx, dns.TypeAAAA)
		return answer.Unsigned(v4), answer.Unsigned(v6), v.TTL, ok
	}
	v4, v6 = policy.PickLinked(q.set, dns.TypeA, q.client), policy.PickLinked(q.set, dns.TypeAAAA, q.client)
	if q.Record.Wildcard || q.set.Next {
		v4, v6 = answer.At(q.Name, v4), answer.At(q.Name, v6)
	}
	return v4, v6, v.TTL, true
}

// Subnet returns the client subnet for which the answer is alone, or nil.
func (q *Query) Subnet() *dns.EDNS0_SUBNET {
	if !q.scoped {
		return nil
	}
	return q.client.ECS
}
