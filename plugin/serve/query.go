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
		lookup.TraceOf(ctx).Touch(rec.Record().Name)
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
	e := q.edits(&d)
	if d.View.Mode == pool.Next {
		return b.serveFromNext(ctx, &q, &e)
	}
	m, rcode := q.reply(ctx, &d, e.why)
	if m == nil {
		return rcode, nil
	}
	w.WriteMsg(e.apply(r, m))
	return dns.RcodeSuccess, nil
}

// decide finds out which pool answers, which may mean to ask the next plugins. Its
// error is that the query is malformed.
func (q *query) decide(ctx context.Context) (Decision, error) {
	v := q.rec.View()
	if q.rec.names != nil {
		v = q.learn(ctx)
	}
	return q.decideBy(ctx, v, len(*q.block.cfg.ECSFrom) > 0 || q.rec.chooser.TellsApart())
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

// decideBy returns which pool of v answers; clientMatters says that it may depend on
// who asks.
func (q *query) decideBy(ctx context.Context, v *pool.View, clientMatters bool) (d Decision, err error) {
	d.View, d.Pool = v, v.Pool
	if clientMatters {
		if d.Client, err = policy.ClientOf(q.w, q.r, *q.block.cfg.ECSFrom); err != nil {
			return d, err
		}
		if v.Choose {
			d.Pool = q.choose(ctx, v, d.Client)
		}
		d.Scoped = q.rec.chooser.TellsApart()
	}
	d.Set = v.Set(d.Pool)
	return d, nil
}

// choose returns the pool that answers a client.
func (q *query) choose(ctx context.Context, v *pool.View, client policy.Client) int {
	p, _ := q.rec.chooser.Pool(ctx, v, request.Request{W: q.w, Req: q.r}, client, time.Now())
	return p
}

// PoolFor returns the pool of v that answers a query.
func (b *Block) PoolFor(ctx context.Context, state request.Request, rec *Record, v *pool.View) int {
	q := query{block: b, w: state.W, r: state.Req, rec: rec}
	d, err := q.decideBy(ctx, v, v.Choose)
	if err != nil {
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
