package serve

import (
	"cmp"
	"context"

	"github.com/coredns/coredns/plugin"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/plugin/answer"
	"github.com/coredns-failover/failover/plugin/lookup"
	"github.com/coredns-failover/failover/plugin/zone"
)

// ServeOthers lets the next plugins answer what is not ours to answer, but not
// deny names that exist; rec is nil if the name is not a record's.
func (b *Block) ServeOthers(ctx context.Context, w dns.ResponseWriter, r *dns.Msg, qname string, rec *Record, match zone.Match) (int, error) {
	n := b.about(qname, rec)
	aw := &answer.Writer{ResponseWriter: w}
	switch {
	case match == zone.Record || match == zone.Exists:
		e := &answer.Existing{Req: r, Name: qname, Record: match == zone.Record, TTL: n.ttl}
		e.Shared = e.Record && !rec.ownsName(qname)
		e.SOA = func() dns.RR { return b.soa(qname, rec, n) }
		link := b.linker(ctx, w, r)
		aw.Edit = func(m *dns.Msg) *dns.Msg { return link(e.Edit(m)) }
	default:
		aw.Edit = b.linker(ctx, w, r)
	}
	rcode, err := b.messages.ServeDNS(ctx, name, b.cfg.Next(), aw, r)
	switch {
	case !aw.NobodyAnswered(rcode, err):
		return rcode, err
	case n.apex == b.origins.root:
		return dns.RcodeRefused, nil
	}
	return b.serveAlone(w, r, qname, rec, n, match)
}

// PassOn leaves a query for a name that is not ours to the next plugins, with an
// eye on where they lead. If none answers it is refused.
func (b *Block) PassOn(ctx context.Context, w dns.ResponseWriter, r *dns.Msg) (int, error) {
	aw := &answer.Writer{ResponseWriter: w, Edit: b.linker(ctx, w, r)}
	rcode, err := plugin.NextOrFailure(name, b.cfg.Next(), ctx, aw, r)
	if aw.NobodyAnswered(rcode, err) {
		return dns.RcodeRefused, nil
	}
	return rcode, err
}

// patient returns a context that bounds how long one answer waits for all lookups
// that it may need.
func (b *Block) patient(ctx context.Context) (context.Context, context.CancelFunc) {
	if !b.lookedUp {
		return ctx, func() {}
	}
	return lookup.Patient(ctx)
}

// linker returns what brings the addresses of records up to date to which an
// answer leads.
func (b *Block) linker(ctx context.Context, w dns.ResponseWriter, r *dns.Msg) func(*dns.Msg) *dns.Msg {
	return func(m *dns.Msg) *dns.Msg {
		if !answer.Leads(m) {
			return m
		}
		ctx, cancel := b.patient(ctx)
		defer cancel()
		var ecs *dns.EDNS0_SUBNET // of the clients that the addresses are for alone
		m = answer.Linked(m, func(name string) (a answer.Addresses, ok bool) {
			rec, match := b.names.Find(name)
			if match != zone.Record {
				return a, false
			}
			q := b.query(w, r, name, rec)
			q.AskNext = func(ctx context.Context) (v4, v6 *dns.Msg) { return b.bothFromNext(ctx, w, r, name, rec) }
			if a, ok = q.Addresses(ctx); ok {
				ecs = cmp.Or(q.Subnet(), ecs)
			}
			return a, ok
		})
		if ecs != nil {
			m = answer.WithSubnet(m, ecs, true)
		}
		return b.conclude(ctx, w, r, m)
	}
}

// serveAlone answers for a name in a zone of ours for which no next plugin does.
func (b *Block) serveAlone(w dns.ResponseWriter, r *dns.Msg, qname string, rec *Record, n authority, match zone.Match) (int, error) {
	if own := n.apex.Own(qname, r.Question[0].Qtype, n.ttl); own != nil {
		w.WriteMsg(answer.Records(r, own))
		return dns.RcodeSuccess, nil
	}
	m := answer.NoData(r, b.soa(qname, rec, n))
	if match == zone.Inside {
		m.Rcode = dns.RcodeNameError
	}
	w.WriteMsg(m)
	return dns.RcodeSuccess, nil
}

// conclude returns m, an answer of the next plugins, with what the first record
// answers to which its CNAMEs lead, and without the denial of a name that exists
// because a record stands below it.
func (b *Block) conclude(ctx context.Context, w dns.ResponseWriter, r, m *dns.Msg) *dns.Msg {
	for _, name := range answer.Targets(m) {
		rec, match := b.names.Find(name)
		switch {
		case match == zone.Record:
			return b.query(w, r, name, rec).Conclude(ctx, m)
		case match == zone.Exists && m.Rcode == dns.RcodeNameError:
			if last := b.targets.LookUp(ctx, w, r, name, r.Question[0].Qtype); last != nil {
				return answer.Concluded(m, name, last, r, b.about(name, nil).ttl)
			}
		}
	}
	return m
}
