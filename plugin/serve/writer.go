package serve

import (
	"context"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/plugin/answer"
	"github.com/coredns-failover/failover/plugin/pool"
)

// Edits are made to every answer for a record, whoever gives it: first ours, then why,
// then ecs. The zero value makes none.
type edits struct {
	fromNext bool              // the next plugins answer for a name that is ours, for ttl at most
	scoped   bool              // the answer is for ecs alone
	ttl      uint32            // see ours
	why      string            // the Extended DNS Error that says why the record is degraded, or ""
	ecs      *dns.EDNS0_SUBNET // that a resolver sent which is believed, or nil
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
		e.why = q.rec.Short(d.Pool) // the client has a say in it
	}
	e.fromNext, e.ttl = v.Mode == pool.Next, v.TTL // for as long as there is no pool
	return e
}

// apply returns m as it is to go out in reply to r.
func (e *edits) apply(r, m *dns.Msg) *dns.Msg {
	if e.fromNext {
		m = answer.Authoritative(m, e.ttl)
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
	guard *answer.Guard // keeps a name that exists because of us; nil for other names
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
	if answer.Refreshable(m) {
		m = w.block.refresh(w.ctx, w.ResponseWriter, w.r, m)
	}
	return w.edits.apply(w.r, m)
}
