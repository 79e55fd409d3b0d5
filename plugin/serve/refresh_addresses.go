package serve

import (
	"context"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/plugin/answer"
	"github.com/coredns-failover/failover/plugin/lookup"
	"github.com/coredns-failover/failover/plugin/policy"
	"github.com/coredns-failover/failover/plugin/pool"
	"github.com/coredns-failover/failover/plugin/rr"
)

// addresses returns the current answers to A and AAAA, CNAMEs included, and the client
// subnet that they are limited to, or nil. It returns false if they are not known. It
// looks up only the target of a CNAME, and the name itself in mode [pool.Next]: of one
// family if q is for A or AAAA, and for a second in all.
func (q *query) addresses(ctx context.Context) (a answer.Addresses, ecs *dns.EDNS0_SUBNET, ok bool) {
	v, qtype := q.rec.ViewOf(q.name), q.r.Question[0].Qtype
	switch {
	case v == nil:
		return a, nil, false
	case v.Mode == pool.Pending || v.Mode == pool.NoAddress:
		a.TTL = v.TTL
		return a, nil, rr.IsAddress(qtype) // completeTarget makes it SERVFAIL
	}
	d := decision{View: v, Pool: v.Pool}
	clientMatters := q.rec.chooser.DependsOnClient() || q.rec.hasCNAME && len(*q.block.cfg.ECSFrom) > 0
	if clientMatters && q.identify(ctx, &d) != nil {
		return a, nil, false
	}
	d.Set = v.Set(d.Pool)
	isExplained(ctx, q, &d)
	a.TTL, a.Params = v.TTL, d.Set.SvcParams
	switch {
	case v.Mode == pool.Next:
		a, ok = q.addNext(ctx, a)
		return a, d.subnet(), ok
	case d.Set.CNAME != nil:
		a.V4, a.V6, ok = q.addressesOfTarget(ctx, &d, qtype)
		return a, d.subnet(), ok
	}
	a.V4, a.V6 = policy.PickLinked(d.Set, dns.TypeA, d.Client), policy.PickLinked(d.Set, dns.TypeAAAA, d.Client)
	if q.rec.wildcard || d.Set.Next {
		a.V4, a.V6 = rr.WithOwner(q.name, a.V4), rr.WithOwner(q.name, a.V6)
	}
	return a, d.subnet(), true
}

// askingNext marks the context of lookups by addNext, to find loops.
type askingNext struct{}

// addNext returns a with the addresses that the next plugins give the name, which may
// be none. It returns false if the lookup has led back to the name.
func (q *query) addNext(ctx context.Context, a answer.Addresses) (answer.Addresses, bool) {
	ctx, ok := lookup.Enter(ctx, askingNext{}, q.name)
	if !ok {
		return a, false
	}
	v4, v6 := q.block.bothFromNext(ctx, *q)
	a.V4, a.V6 = addressesIn(v4, a.TTL), addressesIn(v6, a.TTL)
	return a, true
}

func addressesIn(m *dns.Msg, ttl uint32) []dns.RR {
	if m == nil {
		return nil
	}
	return answer.Unsigned(answer.Authoritative(m, ttl).Answer)
}

// addressesOfTarget returns the CNAME of the pool and the addresses of its target: of
// one family if qtype is A or AAAA.
func (q *query) addressesOfTarget(ctx context.Context, d *decision, qtype uint16) (v4, v6 []dns.RR, ok bool) {
	ctx, cancel := lookup.WithClientWait(ctx)
	defer cancel()
	var rrs [2][]dns.RR
	for i, family := range [2]uint16{dns.TypeA, dns.TypeAAAA} {
		if rr.IsAddress(qtype) && family != qtype {
			continue
		}
		m, found := q.followCNAME(ctx, d, family)
		if found {
			rrs[i], ok = answer.Unsigned(m.Answer), true
		}
	}
	return rrs[0], rrs[1], ok
}
