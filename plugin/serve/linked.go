package serve

import (
	"context"

	"github.com/coredns-failover/failover/plugin/answer"
	"github.com/coredns-failover/failover/plugin/chain"
	"github.com/coredns-failover/failover/plugin/policy"
	"github.com/coredns-failover/failover/plugin/pool"

	"github.com/miekg/dns"
)

// Addresses returns what A and AAAA would answer now, CNAMEs included, and false if
// only others can tell. Nobody is asked for it, unless the next plugins answer for
// the record.
func (q *Query) Addresses(ctx context.Context) (a answer.Addresses, ok bool) {
	v := q.Record.Known(q.Name)
	if v == nil || v.Unheard || v.Do == pool.ServFail && v.Why == "" {
		return a, false
	}
	q.view, q.pool = v, v.Pool
	matters := q.Record.Chooser.TellsApart() || q.Record.Aliases && len(q.ECSFrom) > 0
	if matters && q.tellApart(ctx) != nil {
		return a, false
	}
	q.set = v.Set(q.pool)
	a.TTL, a.Params = v.TTL, q.set.SvcParams
	switch {
	case v.Do == pool.Next:
		return q.addNext(ctx, a)
	case q.set.CNAME != nil:
		a.V4, ok = q.alias(ctx, dns.TypeA)
		a.V6, _ = q.alias(ctx, dns.TypeAAAA)
		a.V4, a.V6 = answer.Unsigned(a.V4), answer.Unsigned(a.V6)
		return a, ok
	}
	a.V4, a.V6 = policy.PickLinked(q.set, dns.TypeA, q.client), policy.PickLinked(q.set, dns.TypeAAAA, q.client)
	if q.Record.Wildcard || q.set.Next {
		a.V4, a.V6 = answer.At(q.Name, a.V4), answer.At(q.Name, a.V6)
	}
	return a, true
}

// addNext adds the addresses that the next plugins give the name: none if they do not
// say. It returns false if that has led back to the name.
func (q *Query) addNext(ctx context.Context, a answer.Addresses) (answer.Addresses, bool) {
	ctx, ok := chain.Enter(ctx, q.Name)
	if !ok {
		return a, false
	}
	v4, v6 := q.AskNext(ctx)
	a.V4, a.V6 = addressesIn(v4, a.TTL), addressesIn(v6, a.TTL)
	return a, true
}

func addressesIn(m *dns.Msg, ttl uint32) []dns.RR {
	if m == nil {
		return nil
	}
	return answer.Unsigned(answer.AsOurs(m, ttl).Answer)
}

// Subnet returns the client subnet for which the answer is alone, or nil.
func (q *Query) Subnet() *dns.EDNS0_SUBNET {
	if !q.scoped {
		return nil
	}
	return q.client.ECS
}
