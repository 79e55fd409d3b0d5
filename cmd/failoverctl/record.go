package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/coredns-failover/failover/plugin/admin"
	"github.com/coredns-failover/failover/plugin/override"
	"github.com/coredns-failover/failover/plugin/pool"
)

// printInFull prints records with all that is known of them.
func (a *app) printInFull(ctx context.Context, api *client, records []admin.RecordView) error {
	overrides, _, err := api.overrides(ctx)
	if err != nil {
		return err
	}
	for i := range records {
		if i > 0 {
			fmt.Fprintln(a.out.w)
		}
		a.printRecord(&records[i], overrides)
	}
	return nil
}

func (a *app) printRecord(r *admin.RecordView, overrides []override.Override) {
	now := time.Now()
	a.out.line(0, "%s", r.Name)
	a.out.line(2, "%s since %s (%s ago): %s", r.State, clock(r.Since, now), age(r.Since, now), r.Reason)
	a.out.line(2, "%s at %s; clients get %s, TTL %d", answering(r.Pool), place(r.Server, r.View), addresses(served(r)), r.TTL)
	if r.Held != nil {
		a.out.line(2, "%s", heldText(r.Held))
	}
	for _, o := range overrides {
		if slices.Contains(r.Overrides, o.ID) {
			a.out.line(2, "override %s: %s %s %s: %s (%s)", o.ID, o.Action, targetText(&o.Target), until(o.Expires, now), o.Reason, o.Actor)
		}
	}
	a.printPools(r, now)
}

func answering(name string) string {
	if name == pool.NoneName {
		return "no pool is healthy"
	}
	return "pool " + name + " answers"
}

func (a *app) printPools(r *admin.RecordView, now time.Time) {
	t := table{columns: []column{
		{title: "POOL, ENDPOINT", flexible: true}, {title: "STATE"}, {title: "HEALTHY"}, {title: "ANSWERS"}, {title: "SINCE"},
	}}
	for _, p := range r.Pools {
		t.add(nil, p.Name, p.State, fmt.Sprintf("%d/%d, %d needed", p.Healthy, len(p.Endpoints), p.Needed), yes(p.Active), "")
		for i := range p.Endpoints {
			e := &p.Endpoints[i]
			t.add(endpointNotes(e), "  "+endpointTitle(e), e.State, "", yes(e.Served), age(e.Since, now))
		}
	}
	t.print(a.out)
}

func yes(ok bool) string {
	if ok {
		return "yes"
	}
	return "-"
}

// endpointTitle returns the name of an endpoint, and its address if that is another.
func endpointTitle(e *admin.EndpointView) string {
	title := e.Name
	if e.Address != "" && e.Address != e.Name {
		title += " " + e.Address
	}
	if e.Target != "" && e.Target != e.Name {
		title += " of " + e.Target
	}
	return title
}

// endpointNotes returns why an endpoint is not simply up.
func endpointNotes(e *admin.EndpointView) (notes []string) {
	switch {
	case e.Override != nil:
		notes = append(notes, fmt.Sprintf("%s (override %s; its probes say %s)", e.Reason, *e.Override, e.Probed))
	case e.State == "down", e.State == "unknown":
		notes = append(notes, e.Reason)
	}
	for i := range e.Checks {
		if c := &e.Checks[i]; len(e.Checks) > 1 && c.State != "up" || isTurning(c) {
			notes = append(notes, checkText(c))
		}
	}
	return notes
}

// isTurning reports whether the last probe of a check is not of the check's state.
func isTurning(c *admin.CheckView) bool {
	return c.Last != nil && c.Last.Result != map[string]string{"up": "pass", "down": "fail"}[c.State]
}

// checkText returns how a check is doing, and what it takes to change that.
func checkText(c *admin.CheckView) string {
	var b strings.Builder
	fmt.Fprintf(&b, "check %s: %s", c.Check, c.State)
	if c.Last != nil {
		fmt.Fprintf(&b, ", last probe %s", strings.TrimSuffix(c.Last.Result+": "+c.Last.Reason, ": "))
	}
	if c.Streak > 0 {
		fmt.Fprintf(&b, " (%d of %d in a row that change its state)", c.Streak, c.Needed)
	}
	return b.String()
}
