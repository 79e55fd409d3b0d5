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

// A query is one for a name of a record. It must not escape, so that it takes no
// memory from the heap.
type query struct {
	block *Block
	w     dns.ResponseWriter
	r     *dns.Msg
	name  string // in lower case
	rec   *Record
}

// A Decision is which pool answers a query, and with what.
type Decision struct {
	View   *pool.View
	Pool   int           // its index, or pool.None
	Set    *pool.Set     // what it answers with
	Client policy.Client // who asks, if that matters
	// Scoped says that the answer is for the client's subnet alone, if it has told one.
	Scoped bool
}

// ServeRecord answers for a record: A, AAAA and ANY, and all types while it is a
// CNAME.
func (b *Block) ServeRecord(ctx context.Context, w dns.ResponseWriter, r *dns.Msg, qname string, rec *Record) (int, error) {
	if b.lookedUp {
		lookup.TraceOf(ctx).Add(rec.Record().Name)
	}
	q := query{b, w, r, qname, rec}
	d, err := q.decide(ctx)
	if err != nil {
		return dns.RcodeFormatError, nil
	}
	qtype := r.Question[0].Qtype
	if rec.aliases && d.Set.CNAME == nil && !rr.IsAddress(qtype) && qtype != dns.TypeANY {
		return b.ServeOthers(ctx, w, r, qname, rec, zone.Record)
	}
	rec.observer.Responded(b.server(ctx), d.Pool)
	if !d.isPlain() {
		return q.serveEdited(ctx, &d)
	}
	m, rcode := q.fromPool(ctx, &d)
	if m == nil {
		return rcode, nil
	}
	w.WriteMsg(m)
	return dns.RcodeSuccess, nil
}

// isPlain reports whether the answer is what the pool has, and says no more.
func (d *Decision) isPlain() bool {
	return d.View.State != pool.Degraded && d.View.Mode == pool.Answer && d.Client.ECS == nil
}

// serveEdited answers where the answer says more than what the pool has.
func (q *query) serveEdited(ctx context.Context, d *Decision) (int, error) {
	e := q.edits(d)
	if d.View.Mode == pool.Next {
		return q.block.serveFromNext(ctx, q, &e)
	}
	m, rcode := q.reply(ctx, d, e.why)
	if m == nil {
		return rcode, nil
	}
	q.w.WriteMsg(e.apply(q.r, m))
	return dns.RcodeSuccess, nil
}

// decide finds out which pool answers, which may mean to ask the next plugins. Its
// error is that the query is malformed.
func (q *query) decide(ctx context.Context) (d Decision, err error) {
	d.View = q.rec.View()
	if q.rec.names != nil {
		d.View = q.learn(ctx)
	}
	d.Pool = d.View.Pool
	if len(*q.block.cfg.ECSFrom) > 0 || q.rec.chooser.DependsOnClient() {
		err = q.identify(ctx, &d)
	}
	d.Set = d.View.Set(d.Pool)
	return d, err
}

// learn returns what is known below a wildcard once the next plugins have been asked
// for what the query wants.
func (q *query) learn(ctx context.Context) *pool.View {
	qtype := q.r.Question[0].Qtype
	if qtype == dns.TypeANY {
		q.rec.names.View(ctx, q.w, q.name, dns.TypeA)
		qtype = dns.TypeAAAA
	}
	return q.rec.names.View(ctx, q.w, q.name, qtype)
}

// identify finds out who asks, and which pool answers it.
func (q *query) identify(ctx context.Context, d *Decision) (err error) {
	if d.Client, err = policy.ClientOf(q.w, q.r, *q.block.cfg.ECSFrom); err != nil {
		return err
	}
	if d.View.Choose {
		d.Pool = q.choose(ctx, d.View, d.Client)
	}
	d.Scoped = q.rec.chooser.DependsOnClient()
	return nil
}

// choose returns the pool that answers a client.
func (q *query) choose(ctx context.Context, v *pool.View, client policy.Client) int {
	p, _ := q.rec.chooser.Pool(ctx, v, request.Request{W: q.w, Req: q.r}, client, time.Now())
	return p
}

// PoolFor returns the pool of v that answers a query.
func (b *Block) PoolFor(ctx context.Context, state request.Request, rec *Record, v *pool.View) int {
	q := query{block: b, w: state.W, r: state.Req, rec: rec}
	d := Decision{View: v, Pool: v.Pool}
	if v.Choose && q.identify(ctx, &d) != nil {
		return v.Pool
	}
	return d.Pool
}

// subnet returns the client subnet for which the answer is alone, or nil.
func (d *Decision) subnet() *dns.EDNS0_SUBNET {
	if !d.Scoped {
		return nil
	}
	return d.Client.ECS
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
