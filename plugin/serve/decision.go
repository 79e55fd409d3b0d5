package serve

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/coredns/coredns/core/dnsserver"
	"github.com/coredns/coredns/request"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/plugin/policy"
	"github.com/coredns-failover/failover/plugin/pool"
)

// A decision says which pool answers a query, and with what.
type decision struct {
	View   *pool.View
	Pool   int           // its index, or pool.None
	Set    *pool.Set     // what it answers with
	Client policy.Client // zero if the answer does not depend on the client
	Scoped bool          // the answer is for the client's subnet alone, if the query has one
}

// decide returns the pool that answers. Below a wildcard it may ask the next plugins.
// It returns an error if the query is malformed.
func (q *query) decide(ctx context.Context) (d decision, err error) {
	d.View = q.rec.View()
	if q.rec.learned != nil {
		d.View = q.learn(ctx)
	}
	d.Pool = d.View.Pool
	if len(*q.block.cfg.ECSFrom) > 0 || q.rec.chooser.DependsOnClient() {
		err = q.identify(ctx, &d)
	}
	d.Set = d.View.Set(d.Pool)
	return d, err
}

// learn asks the next plugins about a name below a wildcard, and returns its view.
func (q *query) learn(ctx context.Context) *pool.View {
	if explanationOf(ctx) != nil {
		return cmp.Or(q.rec.learned.Known(q.name), q.rec.learned.Unlearned(ctx, q.w, q.name, q.r.Question[0].Qtype))
	}
	qtype := q.r.Question[0].Qtype
	if qtype == dns.TypeANY {
		q.rec.learned.View(ctx, q.w, q.name, dns.TypeA)
		qtype = dns.TypeAAAA
	}
	return q.rec.learned.View(ctx, q.w, q.name, qtype)
}

// identify sets the client in d, and the pool that answers it.
func (q *query) identify(ctx context.Context, d *decision) (err error) {
	if d.Client, err = policy.ClientOf(q.w, q.r, *q.block.cfg.ECSFrom); err != nil {
		return err
	}
	if d.View.Choose {
		d.Pool = q.choose(ctx, d.View, d.Client)
	}
	d.Scoped = q.rec.chooser.DependsOnClient()
	return nil
}

// choose returns the pool of v that answers client.
func (q *query) choose(ctx context.Context, v *pool.View, client policy.Client) int {
	p, _ := q.rec.chooser.Pool(ctx, v, request.Request{W: q.w, Req: q.r}, client, time.Now())
	return p
}

// PoolFor returns the pool of v that answers a query.
func (b *Block) PoolFor(ctx context.Context, state request.Request, rec *Record, v *pool.View) int {
	q := query{block: b, w: state.W, r: state.Req, rec: rec}
	d := decision{View: v, Pool: v.Pool}
	if v.Choose && q.identify(ctx, &d) != nil {
		return v.Pool
	}
	return d.Pool
}

// subnet returns the client subnet that the answer is limited to, or nil.
func (d *decision) subnet() *dns.EDNS0_SUBNET {
	if !d.Scoped {
		return nil
	}
	return d.Client.ECS
}

// server returns the index in b.servers of the listener that got the query, or 0.
func (b *Block) server(ctx context.Context) int {
	if len(b.servers) <= 1 {
		return 0
	}
	if s, ok := ctx.Value(dnsserver.Key{}).(*dnsserver.Server); ok {
		return max(0, slices.Index(b.servers, s.Addr))
	}
	return 0
}
