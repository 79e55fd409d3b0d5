package serve

import (
	"cmp"
	"context"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/plugin/answer"
	"github.com/coredns-failover/failover/plugin/lookup"
	"github.com/coredns-failover/failover/plugin/zone"
)

// refresh returns m, a reply of the next plugins to r, with the current answers of the
// records to which it leads.
func (b *Block) refresh(ctx context.Context, w dns.ResponseWriter, r, m *dns.Msg) *dns.Msg {
	if b.lookedUp {
		var cancel context.CancelFunc
		ctx, cancel = lookup.WithClientWait(ctx) // for all lookups of the answer together
		defer cancel()
	}
	l := managedNames{block: b, ctx: ctx, w: w, r: r}
	m = answer.Refresh(m, &l)
	if l.ecs != nil {
		m = answer.WithSubnet(m, l.ecs, true)
	}
	return b.completeTarget(ctx, w, r, m)
}

// managedNames are the names of records, for one answer.
type managedNames struct {
	block *Block
	ctx   context.Context
	w     dns.ResponseWriter
	r     *dns.Msg
	ecs   *dns.EDNS0_SUBNET // that some of the addresses are limited to, or nil
}

// Addresses implements answer.ManagedNames.
func (m *managedNames) Addresses(name string) (a answer.Addresses, ok bool) {
	rec, match := m.block.names.Find(name)
	if match != zone.Record {
		return a, false
	}
	q := query{m.block, m.w, m.r, name, rec}
	a, ecs, ok := q.addresses(m.ctx)
	if ok {
		m.ecs = cmp.Or(ecs, m.ecs)
	}
	return a, ok
}
