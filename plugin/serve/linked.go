package serve

import (
	"context"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/plugin/answer"
	"github.com/coredns-failover/failover/plugin/lookup"
	"github.com/coredns-failover/failover/plugin/policy"
	"github.com/coredns-failover/failover/plugin/pool"
)

// Addresses returns what A and AAAA would answer now, CNAMEs included, and false if
// only others can tell. Nobody is asked for it, but for the target of an alias and
// the next plugins while they answer for the record: of one family alone if q asks
// for that, and for a second in all.
func (q *Query) Addresses(ctx context.Context) (a answer.Addresses, ok bool) {
	v, qtype := q.Record.Known(q.Name), q.R.Question[0].Qtype
	switch {
	case v == nil:
		return a, false
	case v.Mode == pool.Pending || v.Mode == pool.NoAddress:
		a.TTL = v.TTL
		return a, isAddress(qtype) // which is SERVFAIL, see Conclude
	}
	q.view, q.pool = v, v.Pool
	matters := q.Record.Chooser.TellsApart() || q.Record.Aliases && len(q.ECSFrom) > 0
	if matters && q.tellApart(ctx) != nil {
		return a, false
	}
	q.set = v.Set(q.pool)
	a.TTL, a.Params = v.TTL, q.set.SvcParams
	switch {
	case v.Mode == pool.Next:
		return q.addNext(ctx, a)
	case q.set.CNAME != nil:
		a.V4, a.V6, ok = q.aliasAddresses(ctx, qtype)
		return a, ok
	}
	a.V4, a.V6 = policy.PickLinked(q.set, dns.TypeA, q.client), policy.PickLinked(q.set, dns.TypeAAAA, q.client)
	if q.Record.Wildcard || q.set.Next {
		a.V4, a.V6 = answer.At(q.Name, a.V4), answer.At(q.Name, a.V6)
	}
	return a, true
}

// askingNext is who asks the next plugins for the addresses of a name.
type askingNext struct{}

// addNext adds the addresses that the next plugins give the name: none if they do not
// say. It returns false if that has led back to the name.
func (q *Query) addNext(ctx context.Context, a answer.Addresses) (answer.Addresses, bool) {
	ctx, ok := lookup.Enter(ctx, askingNext{}, q.Name)
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

// aliasAddresses returns the CNAME and the addresses to which it leads: those of
// one family alone if it is asked for them.
func (q *Query) aliasAddresses(ctx context.Context, qtype uint16) (v4, v6 []dns.RR, ok bool) {
	ctx, cancel := lookup.Patient(ctx)
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
