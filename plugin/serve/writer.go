package serve

import (
	"cmp"
	"context"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/plugin/answer"
	"github.com/coredns-failover/failover/plugin/lookup"
	"github.com/coredns-failover/failover/plugin/pool"
	"github.com/coredns-failover/failover/plugin/zone"
)

// Edits are made to every answer for a record, whoever gives it: first ours, then why,
// then ecs. The zero value makes none.
type edits struct {
	ours   bool              // the next plugins answer for a name that is ours, for ttl at most
	scoped bool              // the answer is for ecs alone
	ttl    uint32            // see ours
	why    string            // the Extended DNS Error that says why the record is degraded, or ""
	ecs    *dns.EDNS0_SUBNET // that a resolver sent which is believed, or nil
}

// edits returns those of what is answered as d says.
func (q *query) edits(d *Decision) edits {
	e := edits{ecs: d.Client.ECS, scoped: d.Scoped}
	v := d.View
	if v.State != pool.Degraded && v.Mode == pool.Answer {
		return e
	}
	e.why = v.Why
	if d.Pool != v.Pool {
		e.why = q.rec.WhyDegraded(d.Pool) // the client has a say in it
	}
	e.ours, e.ttl = v.Mode == pool.Next, v.TTL // for as long as there is no pool
	return e
}

// apply returns m as it is to go out in reply to r.
func (e *edits) apply(r, m *dns.Msg) *dns.Msg {
	if e.ours {
		m = answer.AsOurs(m, e.ttl)
	}
	if e.why != "" {
		m = answer.WithError(m, r, e.why)
	}
	if e.ecs != nil {
		m = answer.WithSubnet(m, e.ecs, e.scoped)
	}
	return m
}

// A writer edits what the next plugins write: first guard, then where its CNAMEs and
// targets lead, then edits.
type writer struct {
	answer.Writer
	block *Block
	ctx   context.Context // of the query
	r     *dns.Msg
	guard *answer.Existing // keeps a name that exists because of us; nil for other names
	edits edits
}

// WriteMsg writes what the edits make of m.
func (w *writer) WriteMsg(m *dns.Msg) error {
	if m != nil {
		m = w.edited(m)
	}
	return w.Writer.WriteMsg(m)
}

func (w *writer) edited(m *dns.Msg) *dns.Msg {
	if w.guard != nil {
		m = w.guard.Edit(m)
	}
	if answer.Leads(m) {
		m = w.block.refresh(w.ctx, w.ResponseWriter, w.r, m)
	}
	return w.edits.apply(w.r, m)
}

// refresh returns m with the addresses of now of the records to which it leads.
func (b *Block) refresh(ctx context.Context, w dns.ResponseWriter, r, m *dns.Msg) *dns.Msg {
	if b.lookedUp {
		var cancel context.CancelFunc
		ctx, cancel = lookup.WithClientWait(ctx) // for all lookups that the answer may need
		defer cancel()
	}
	l := links{block: b, ctx: ctx, w: w, r: r}
	m = answer.Linked(m, &l)
	if l.ecs != nil {
		m = answer.WithSubnet(m, l.ecs, true)
	}
	return b.conclude(ctx, w, r, m)
}

// Links are the records to which one answer leads.
type links struct {
	block *Block
	ctx   context.Context
	w     dns.ResponseWriter
	r     *dns.Msg
	ecs   *dns.EDNS0_SUBNET // for which some of the addresses are alone; nil if none is
}

// Addresses implements answer.Managed.
func (l *links) Addresses(name string) (a answer.Addresses, ok bool) {
	rec, match := l.block.names.Find(name)
	if match != zone.Record {
		return a, false
	}
	q := query{l.block, l.w, l.r, name, rec}
	a, ecs, ok := q.addresses(l.ctx)
	if ok {
		l.ecs = cmp.Or(ecs, l.ecs)
	}
	return a, ok
}
