package serve

import (
	"context"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/plugin/answer"
	"github.com/coredns-failover/failover/plugin/pool"
)

// edits are made to the answers for a record, whether from a pool or from the next
// plugins: fromNext, why, ecs, in this order. The zero value makes none.
type edits struct {
	fromNext bool              // the next plugins answer for a record's name
	ttl      uint32            // the highest TTL of an answer fromNext
	why      string            // the Extended DNS Error of a degraded record, or ""
	ecs      *dns.EDNS0_SUBNET // the trusted client subnet of the query, or nil
	scoped   bool              // the answer is for ecs alone
}

// edits returns the edits of an answer with the decision d.
func (q *query) edits(d *decision) edits {
	e := edits{ecs: d.Client.ECS, scoped: d.Scoped}
	v := d.View
	if v.State != pool.Degraded && v.Mode == pool.Answer {
		return e
	}
	e.why = v.Why
	if d.Pool != v.Pool {
		e.why = q.rec.WhyDegraded(d.Pool) // the pool depends on the client
	}
	e.fromNext, e.ttl = v.Mode == pool.Next, v.TTL // until a pool answers
	return e
}

// apply returns m, a reply to r, with the edits.
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

// A writer edits the replies of the next plugins: guard, refresh, edits, in this order.
type writer struct {
	answer.Writer
	block *Block
	ctx   context.Context // of the query
	r     *dns.Msg
	guard *answer.Guard // nil for names that exist without a record
	edits edits
}

// WriteMsg writes m with all edits.
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
