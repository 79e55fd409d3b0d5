package serve

import (
	"context"
	"net/netip"
	"slices"
	"time"

	"github.com/coredns-failover/failover/plugin/answer"
	"github.com/coredns-failover/failover/plugin/policy"
	"github.com/coredns-failover/failover/plugin/pool"

	"github.com/coredns/coredns/request"

	"github.com/miekg/dns"
)

// A Query is one for a name of a record.
type Query struct {
	W       dns.ResponseWriter
	R       *dns.Msg
	Name    string // in lower case
	Record  *Managed
	ECSFrom []netip.Prefix // resolvers whose client subnets are believed
	// AskNext returns what the next plugins say of A and AAAA, nil where they say
	// nothing in time. It is set for [Query.Addresses].
	AskNext func(ctx context.Context) (v4, v6 *dns.Msg)

	client policy.Client // if it matters
	scoped bool          // the answer is for its subnet alone
	view   *pool.View
	pool   int // that answers it
	set    *pool.Set
}

// Decide finds out which pool answers, which may mean to ask the plugins behind.
// Its error is that the query is malformed.
func (q *Query) Decide(ctx context.Context) error {
	q.view = q.Record.View()
	if q.Record.Names != nil {
		q.view = q.learn(ctx)
	}
	q.pool = q.view.Pool
	if len(q.ECSFrom) > 0 || q.Record.Chooser.TellsApart() {
		if err := q.tellApart(ctx); err != nil {
			return err
		}
	}
	q.set = q.view.Set(q.pool)
	return nil
}

// learn returns what is known below a wildcard once the next plugins have been asked
// for what the query wants.
func (q *Query) learn(ctx context.Context) *pool.View {
	qtype := q.R.Question[0].Qtype
	if qtype == dns.TypeANY {
		q.Record.Names.View(ctx, q.W, q.Name, dns.TypeA)
		qtype = dns.TypeAAAA
	}
	return q.Record.Names.View(ctx, q.W, q.Name, qtype)
}

// Pool returns the index of the pool that answers, or pool.None.
func (q *Query) Pool() int { return q.pool }

// IsAlias reports whether the answer, to a query of any type, is an alias.
func (q *Query) IsAlias() bool { return q.set.CNAME != nil }

// tellApart finds out who asks, and which pool answers it.
func (q *Query) tellApart(ctx context.Context) (err error) {
	if q.client, err = policy.ClientOf(q.W, q.R, q.ECSFrom); err != nil {
		return err
	}
	if q.view.Choose {
		q.choose(ctx)
	}
	if ecs := q.client.ECS; ecs != nil {
		scoped := q.Record.Chooser.TellsApart()
		q.scoped = scoped
		edit := func(m *dns.Msg) *dns.Msg { return answer.WithSubnet(m, ecs, scoped) }
		q.W = &answer.Writer{ResponseWriter: q.W, Edit: edit}
	}
	return nil
}

// choose finds out which pool answers who asks.
func (q *Query) choose(ctx context.Context) {
	state := request.Request{W: q.W, Req: q.R}
	q.pool, _ = q.Record.Chooser.Pool(ctx, q.view, state, q.client, time.Now())
}

// Serve answers A, AAAA and ANY, and all types if the answer is an alias. It returns
// false if that is for the plugins behind to do, through W.
func (q *Query) Serve(ctx context.Context) (rcode int, ok bool) {
	if q.view.State != pool.Degraded && q.view.Mode == pool.Answer {
		return q.serve(ctx), true
	}
	return q.serveDegraded(ctx)
}

// pick returns the addresses that a type asks for: of both families for ANY.
func (q *Query) pick(qtype uint16) []dns.RR {
	if qtype == dns.TypeANY {
		return slices.Concat(policy.Pick(q.set, dns.TypeA, q.client), policy.Pick(q.set, dns.TypeAAAA, q.client))
	}
	return policy.Pick(q.set, qtype, q.client)
}

// serve answers with what the pool has.
func (q *Query) serve(ctx context.Context) (rcode int) {
	switch {
	case q.set.CNAME != nil:
		return q.serveAlias(ctx)
	case q.set.Next:
		return q.serveNext()
	}
	rrs := q.pick(q.R.Question[0].Qtype)
	switch {
	case len(rrs) == 0:
		return q.serveNoData()
	case q.Record.Wildcard:
		rrs = answer.At(q.Name, rrs)
	}
	q.W.WriteMsg(answer.Records(q.R, rrs))
	return dns.RcodeSuccess
}

func (q *Query) serveNoData() (rcode int) {
	q.W.WriteMsg(answer.NoData(q.R, q.soa()))
	return dns.RcodeSuccess
}

func (q *Query) soa() dns.RR { return q.Record.Negative(q.view.TTL) }

// serveDegraded answers while no pool is healthy, and says so to clients that
// speak EDNS, or while it is not known yet what is in the pools.
func (q *Query) serveDegraded(ctx context.Context) (rcode int, ok bool) {
	why := q.view.Why
	if q.pool != q.view.Pool {
		why = q.Record.Short(q.pool) // the client has a say in it
	}
	if q.view.State == pool.Degraded {
		r := q.R
		q.W = &answer.Writer{ResponseWriter: q.W, Edit: func(m *dns.Msg) *dns.Msg { return answer.WithError(m, r, why) }}
	}
	if q.view.Mode == pool.Next { // for as long as there is no pool
		ttl := q.view.TTL
		q.W = &answer.Writer{ResponseWriter: q.W, Edit: func(m *dns.Msg) *dns.Msg { return answer.AsOurs(m, ttl) }}
	}
	switch q.view.Mode {
	case pool.Next:
		return 0, false
	case pool.Answer, pool.NoData:
		return q.serve(ctx), true
	}
	if q.view.Mode == pool.Pending || q.R.IsEdns0() == nil {
		return dns.RcodeServerFailure, true // written by the server: then no cache keeps it
	}
	q.W.WriteMsg(answer.ServFail(q.R))
	return dns.RcodeSuccess, true
}
