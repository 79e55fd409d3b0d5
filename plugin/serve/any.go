package serve

import (
	"context"

	"github.com/coredns/coredns/plugin/pkg/nonwriter"
	"github.com/coredns/coredns/request"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/plugin/answer"
	"github.com/coredns-failover/failover/plugin/lookup"
	"github.com/coredns-failover/failover/plugin/zone"
)

// bothFromNext returns what A and AAAA of a record's name are answered with while the
// next plugins answer for it: nil for what they do not say within a second.
func (b *Block) bothFromNext(ctx context.Context, w dns.ResponseWriter, r *dns.Msg, qname string, rec *Record) (v4, v6 *dns.Msg) {
	return lookup.Both(ctx, func(ctx context.Context, qtype uint16) *dns.Msg {
		state := request.Request{W: w, Req: r}
		nw := nonwriter.New(w)
		b.ServeOthers(ctx, nw, state.NewWithQuestion(qname, qtype).Req, qname, rec, zone.Exists)
		return nw.Msg
	})
}

// serveAnyFromNext answers ANY with what A and AAAA are answered with while the
// next plugins answer for a record.
func (b *Block) serveAnyFromNext(ctx context.Context, w dns.ResponseWriter, r *dns.Msg, qname string, rec *Record) (int, error) {
	v4, v6 := b.bothFromNext(ctx, w, r, qname, rec)
	m := answer.Any(r, v4, v6)
	if m == nil {
		return dns.RcodeServerFailure, nil
	}
	w.WriteMsg(m)
	return dns.RcodeSuccess, nil
}
