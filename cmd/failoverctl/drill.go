package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/coredns-failover/failover/plugin/admin"
	"github.com/coredns-failover/failover/plugin/override"
	"github.com/coredns-failover/failover/plugin/pool"
)

const (
	drillLength = 5 * time.Minute
	drillLook   = time.Second      // between looks at the record
	drillGrace  = 15 * time.Second // for the API to answer after the end
)

// A drill is a failover for practice: one override, which ends by itself.
type drill struct {
	*app
	api    *client
	name   string
	length string
	reason string
	set    override.Override
	told   map[string]string // what was said last of each record
	away   bool              // the API does not answer
}

func (a *app) drillCommand() *cobra.Command {
	d := &drill{app: a, told: make(map[string]string)}
	c := &cobra.Command{
		Use: "drill NAME [--for D]", Short: "Fail over for practice, and put all back",
		Long: `drill lets the next healthy pool answer for NAME, for five minutes or --for, and says
what clients get before, meanwhile and afterwards. Ctrl-C ends it and puts all back.
It is one override of the server, so that it ends even if failoverctl is killed.

It is refused, with status 1, if no other pool is healthy, or if NAME has an override
already that it would replace.`,
		Args: cobra.ExactArgs(1), ValidArgsFunction: a.completeRecord,
		RunE: func(c *cobra.Command, args []string) error {
			length, err := readLength(d.length)
			if err != nil {
				return wrongUsage(c, err)
			}
			d.name, d.length = args[0], length
			return d.run(c.Context())
		},
	}
	c.Flags().StringVar(&d.length, "for", drillLength.String(), "how long")
	c.Flags().StringVar(&d.reason, "reason", "drill", "why")
	a.flagsOfPlace(c)
	return c
}

func (d *drill) run(ctx context.Context) (err error) {
	if d.api, err = d.connect(); err != nil {
		return err
	}
	records, err := d.records(ctx)
	if err != nil {
		return err
	}
	next, err := nextPool(records)
	if err != nil {
		return err
	}
	if err := d.refuseReplacing(ctx, records); err != nil {
		return err
	}
	return d.begin(ctx, next)
}

// records returns those that the drill is about.
func (d *drill) records(ctx context.Context) ([]admin.RecordView, error) {
	records, _, err := d.api.records(ctx, d.name)
	if err != nil {
		return nil, d.api.suggest(ctx, d.name, err)
	}
	records = slices.DeleteFunc(records, func(r admin.RecordView) bool {
		return d.server != "" && d.server != r.Server || d.view != "" && d.view != r.View
	})
	if len(records) == 0 {
		return nil, fmt.Errorf("%s is not in that server block or view", d.name)
	}
	return records, nil
}

// nextPool returns the pool that all records fail over to.
func nextPool(records []admin.RecordView) (string, error) {
	next := ""
	for i := range records {
		r := &records[i]
		found := nextOf(r)
		switch {
		case found == "":
			return "", refuse("%s at %s is not drilled: no other pool is healthy (%s)", r.Name, place(r.Server, r.View), answering(r.Pool))
		case next != "" && next != found:
			return "", refuse("%s would fail over to %s at %s, and to %s elsewhere: choose with --server and --view",
				r.Name, found, place(r.Server, r.View), next)
		}
		next = found
	}
	return next, nil
}

// nextOf returns the healthy pool after the one that answers, in the order of their rank;
// the first of all comes after the last. One that is held back comes after the others.
func nextOf(r *admin.RecordView) string {
	pools := slices.Clone(r.Pools)
	slices.SortStableFunc(pools, func(p, q admin.PoolView) int { return p.Rank - q.Rank })
	active := slices.IndexFunc(pools, func(p admin.PoolView) bool { return p.Active })
	if active < 0 {
		return ""
	}
	held := ""
	for _, p := range slices.Concat(pools[active+1:], pools[:active]) {
		switch {
		case p.State != "up":
		case r.Held != nil && r.Held.Pool == p.Name:
			held = p.Name
		default:
			return p.Name
		}
	}
	return held
}

// refuseReplacing refuses to replace an override of the record itself, which would not
// come back afterwards.
func (d *drill) refuseReplacing(ctx context.Context, records []admin.RecordView) error {
	list, _, err := d.api.overrides(ctx)
	if err != nil {
		return err
	}
	for _, o := range list {
		for i := range records {
			if (o.Action == pool.Use || o.Action == pool.Freeze) && slices.Contains(records[i].Overrides, o.ID) {
				return refuse("%s has the override %s (%s, %s) already: \"failoverctl remove %s\" ends it", records[i].Name, o.ID, o.Action, o.Reason, o.ID)
			}
		}
	}
	return nil
}

// begin sets the override. An interrupt does not break it off, so that it is known
// afterwards whether the override is set.
func (d *drill) begin(ctx context.Context, next string) error {
	target := override.Target{Record: absolute(d.name), Pool: next, Server: d.server, View: d.view}
	text, err := d.api.post(context.WithoutCancel(ctx), changesPath, override.Request{Changes: []override.Change{{
		Target: target, Action: pool.Use, Reason: d.reason, Author: author(), For: d.length,
	}}})
	if d.json() {
		d.out.raw(text)
	}
	if err != nil {
		return err
	}
	answer, err := decode[override.Answer](text)
	if err != nil {
		return err
	}
	if len(answer.Overrides) != 1 || answer.Overrides[0].Expires == nil {
		return fmt.Errorf("the API set %d overrides, expected one that ends", len(answer.Overrides))
	}
	d.set = answer.Overrides[0]
	return d.follow(ctx, answer.Effects)
}
