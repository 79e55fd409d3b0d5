package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"github.com/coredns-failover/failover/plugin/admin"
	"github.com/coredns-failover/failover/plugin/override"
)

// printEffects prints what clients got and get.
func (p *printer) printEffects(effects []override.Effect) {
	if len(effects) == 0 {
		p.line(0, "No answer changes.")
	}
	for i := range effects {
		e := &effects[i]
		p.line(0, "%s at %s", e.Record, place(e.Server, e.View))
		p.hanging(2, 10, "before  "+outcome(&e.Before))
		p.hanging(2, 10, "after   "+outcome(&e.After))
	}
}

func outcome(o *override.Outcome) string {
	return fmt.Sprintf("%s, pool %s: %s", o.State, o.Pool, addresses(slices.Concat(o.A, o.AAAA)))
}

func addresses(all []netip.Addr) string {
	texts := make([]string, len(all))
	for i, a := range all {
		texts[i] = a.String()
	}
	if len(texts) == 0 {
		return "no address"
	}
	return strings.Join(texts, " ")
}

// explainRefusal adds to a failure what would help.
func (ch *change) explainRefusal(ctx context.Context, api *client, err error) error {
	f := (*failure)(nil)
	if !errors.As(err, &f) {
		return err
	}
	switch {
	case f.Status == http.StatusConflict:
		ch.err.printEffects(f.Effects)
		return fmt.Errorf("%w; --force does it all the same", err)
	case f.Status == http.StatusNotFound:
		return ch.suggestFor(ctx, api, f)
	}
	return err
}

// suggestFor adds to a failure what there is in place of a target that there is not.
func (ch *change) suggestFor(ctx context.Context, api *client, f *failure) error {
	i := 0
	fmt.Sscanf(f.Field, "changes[%d]", &i)
	if i < 0 || i >= len(ch.Changes) {
		return f
	}
	t := &ch.Changes[i].Target
	records, _, err := api.records(ctx, t.Record)
	if err != nil || len(records) == 0 {
		return api.suggest(ctx, t.Record, f)
	}
	return fmt.Errorf("%w; %s", f, partsOf(&records[0], t.Pool))
}

// partsOf returns the endpoints of a pool, or the pools if it is none of them.
func partsOf(r *admin.RecordView, of string) string {
	var pools, endpoints []string
	for _, p := range r.Pools {
		pools = append(pools, p.Name)
		for i := range p.Endpoints {
			if p.Name == of {
				endpoints = append(endpoints, endpointTitle(&p.Endpoints[i]))
			}
		}
	}
	if endpoints != nil {
		return "it has " + strings.Join(endpoints, ", ")
	}
	return "it has the pools " + strings.Join(pools, ", ")
}
