package serve

import (
	"time"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/plugin/answer"
)

// serveNext answers A, AAAA and ANY with what the plugins behind said of them,
// without what is not healthy.
func (q *Query) serveNext() (rcode int) {
	var m *dns.Msg
	if qtype := q.R.Question[0].Qtype; qtype != dns.TypeANY {
		m = q.fromNext(qtype)
	} else {
		m = answer.Any(q.R, q.fromNext(dns.TypeA), q.fromNext(dns.TypeAAAA))
	}
	q.W.WriteMsg(m)
	return dns.RcodeSuccess
}

// fromNext returns what they said of one family.
func (q *Query) fromNext(qtype uint16) *dns.Msg {
	said, rrs := q.set.Family(qtype).Reply, q.pick(qtype)
	switch {
	case said != nil && said.Negative != nil:
		e := &answer.Existing{Req: q.R, Name: q.Name, TTL: q.view.TTL, SOA: q.soa}
		return e.Edit(answer.NegativeFromOther(q.R, said.Negative, q.view.TTL))
	case len(rrs) == 0:
		return answer.NoData(q.R, q.soa())
	}
	o := answer.Other{Aliases: said.Aliases, Addrs: rrs, Aging: said.Aging, Left: said.Left(time.Now())}
	if len(rrs) == len(said.Addrs) {
		o.Sigs = said.Sigs
	}
	return answer.FromOther(q.R, o)
}
