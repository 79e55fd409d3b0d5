package serve

import (
	"context"
	"time"

	"github.com/coredns/coredns/core/dnsserver"
	"github.com/coredns/coredns/request"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/plugin/lookup"
	"github.com/coredns-failover/failover/plugin/policy"
	"github.com/coredns-failover/failover/plugin/pool"
	"github.com/coredns-failover/failover/plugin/rr"
	"github.com/coredns-failover/failover/plugin/zone"
)

// name is that of the plugin.
const name = "failover"

// ServeRecord answers for a record: A, AAAA and ANY, and all types while it is an
// alias.
func (b *Block) ServeRecord(ctx context.Context, w dns.ResponseWriter, r *dns.Msg, qname string, rec *Record) (int, error) {
	if b.lookedUp {
		lookup.TraceOf(ctx).Touch(rec.Record().Name)
	}
	q := b.query(w, r, qname, rec)
	if err := q.Decide(ctx); err != nil {
		return dns.RcodeFormatError, nil
	}
	qtype := r.Question[0].Qtype
	if rec.aliases && !q.IsAlias() && !rr.IsAddress(qtype) && qtype != dns.TypeANY {
		return b.ServeOthers(ctx, w, r, qname, rec, zone.Record)
	}
	rec.observer.Responded(b.server(ctx), q.Pool())
	if rcode, ok := q.Serve(ctx); ok {
		return rcode, nil
	}
	if qtype == dns.TypeANY {
		return b.serveAnyFromNext(ctx, q.W, r, qname, rec)
	}
	return b.ServeOthers(ctx, q.W, r, qname, rec, zone.Exists) // an alias may answer here
}

// query returns r as one for a name of a record. It is to be inlined, so that it
// takes no memory from the heap.
func (b *Block) query(w dns.ResponseWriter, r *dns.Msg, name string, rec *Record) *Query {
	return &Query{W: w, R: r, Name: name, Record: rec, ECSFrom: *b.cfg.ECSFrom}
}

// server returns the index in b.servers of the listener that was asked.
func (b *Block) server(ctx context.Context) int {
	if len(b.servers) <= 1 {
		return 0
	}
	if s, ok := ctx.Value(dnsserver.Key{}).(*dnsserver.Server); ok {
		for i, addr := range b.servers {
			if addr == s.Addr {
				return i
			}
		}
	}
	return 0
}

// PoolFor returns the pool of v that answers a query.
func (b *Block) PoolFor(ctx context.Context, state request.Request, rec *Record, v *pool.View) int {
	client, err := policy.ClientOf(state.W, state.Req, *b.cfg.ECSFrom)
	if err != nil || !v.Choose {
		return v.Pool
	}
	p, _ := rec.chooser.Pool(ctx, v, state, client, time.Now())
	return p
}
