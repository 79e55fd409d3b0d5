package serve

import (
	"time"

	"github.com/coredns-failover/failover/plugin/answer"

	"github.com/miekg/dns"
)

// serveNext answers A and AAAA with what the plugins behind said of them, without
// what is not healthy.
func (q *Query) serveNext() (rcode int) {
	qtype := q.R.Question[0].Qtype
	said, rrs := q.set.Family(qtype).Reply, q.pick(qtype)
	switch {
	case said != nil && said.Negative != nil:
		e := &answer.Existing{Req: q.R, Name: q.Name, TTL: q.view.TTL, SOA: q.soa}
		q.W.WriteMsg(e.Edit(answer.NegativeFromOther(q.R, said.Negative, q.view.TTL)))
		return dns.RcodeSuccess
	case len(rrs) == 0:
		return q.serveNoData()
	}
	o := answer.Other{Aliases: said.Aliases, Addrs: rrs, Aging: said.Aging, Left: said.Left(time.Now())}
	if len(rrs) == len(said.Addrs) {
		o.Sigs = said.Sigs
	}
	q.W.WriteMsg(answer.FromOther(q.R, o))
	return dns.RcodeSuccess
}
