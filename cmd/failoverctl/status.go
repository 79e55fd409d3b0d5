package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/coredns-failover/failover/plugin/admin"
	"github.com/coredns-failover/failover/plugin/pool"
)

func (a *app) statusCommand() *cobra.Command {
	exitCode := false
	c := &cobra.Command{
		Use: "status [NAME] [--exit-code]", Short: "Show what all names are answered with, or one in full",
		Long: `status lists the names that the server answers for, those that are not well first.
With NAME it shows one in full: its pools and endpoints, what their probes say, and
the overrides that count.

A name is ok if its first pool answers, failed_over if another healthy one does, and
degraded if no pool is healthy. ANSWERS says which pool and endpoints clients get.`,
		Args: cobra.MaximumNArgs(1), ValidArgsFunction: a.completeRecord,
	}
	c.Flags().BoolVar(&exitCode, "exit-code", false, "end with status 1 if something is degraded")
	c.RunE = func(c *cobra.Command, args []string) error {
		records, err := a.status(c.Context(), strings.Join(args, ""))
		if err != nil || !exitCode {
			return err
		}
		return refuseDegraded(records)
	}
	return c
}

// status prints all records, or those of a name.
func (a *app) status(ctx context.Context, name string) ([]admin.RecordView, error) {
	api, err := a.connect()
	if err != nil {
		return nil, err
	}
	records, text, err := api.records(ctx, name)
	err = a.answer(text, api.suggest(ctx, name, err), func() error {
		if name == "" {
			a.printRecords(records)
			return nil
		}
		return a.printInFull(ctx, api, records)
	})
	return records, err
}

func refuseDegraded(records []admin.RecordView) error {
	var names []string
	for _, r := range records {
		if r.State == pool.Degraded && !slices.Contains(names, r.Name) {
			names = append(names, r.Name)
		}
	}
	if len(names) == 0 {
		return nil
	}
	return refuse("degraded: %s", strings.Join(names, ", "))
}

// severity has the states in the order in which people want to see them.
var severity = map[pool.State]int{pool.Degraded: -2, pool.FailedOver: -1}

func (a *app) printRecords(records []admin.RecordView) {
	a.out.line(0, "%s", counts(records))
	if len(records) == 0 {
		return
	}
	records = slices.Clone(records)
	slices.SortStableFunc(records, func(r, s admin.RecordView) int { return cmp.Compare(severity[r.State], severity[s.State]) })
	several := severalOf(records)
	t := table{columns: []column{
		{title: "RECORD", flexible: true}, {title: "STATE"}, {title: "POOL", most: 14}, {title: "HEALTHY"}, {title: "SINCE"}, {title: "OVERRIDES"},
	}}
	for i := range records {
		r := &records[i]
		t.add(notesOf(r), title(r, several[r.Name]), string(r.State), r.Pool, healthy(r), age(r.Since, time.Now()), number(len(r.Overrides)))
	}
	t.print(a.out)
	if records[0].State != pool.OK {
		a.out.line(0, "\"failoverctl status NAME\" shows its pools and endpoints.")
	}
}

// counts returns how many records are in which state.
func counts(records []admin.RecordView) string {
	n := make(map[pool.State]int)
	for i := range records {
		n[records[i].State]++
	}
	noun := "records"
	if len(records) == 1 {
		noun = "record"
	}
	return fmt.Sprintf("%d %s: %d ok, %d failed over, %d degraded", len(records), noun, n[pool.OK], n[pool.FailedOver], n[pool.Degraded])
}

// severalOf returns the names that several of the records have.
func severalOf(records []admin.RecordView) map[string]bool {
	several := make(map[string]bool)
	for i := range records {
		_, seen := several[records[i].Name]
		several[records[i].Name] = seen
	}
	return several
}

// title returns the name of a record, with its place if several have it.
func title(r *admin.RecordView, several bool) string {
	if !several {
		return r.Name
	}
	return r.Name + " at " + place(r.Server, r.View)
}

func place(server, view string) string {
	if view == "" {
		return server
	}
	return server + " view " + view
}

// notesOf returns what is to be known of a record beyond its row.
func notesOf(r *admin.RecordView) (notes []string) {
	if r.State != pool.OK {
		notes = append(notes, r.Reason)
	}
	if r.Held != nil {
		notes = append(notes, heldText(r.Held))
	}
	return notes
}

func heldText(h *admin.Held) string {
	if h.Until == nil {
		return fmt.Sprintf("pool %s is held back (failback %s); \"failoverctl release\" ends that", h.Pool, h.Policy)
	}
	return fmt.Sprintf("pool %s is held back %s (failback %s)", h.Pool, until(h.Until, time.Now()), h.Policy)
}

// healthy returns how many endpoints of the pool that answers are healthy.
func healthy(r *admin.RecordView) string {
	for _, p := range r.Pools {
		if p.Active {
			return fmt.Sprintf("%d/%d", p.Healthy, len(p.Endpoints))
		}
	}
	return "-"
}

func number(n int) string {
	if n == 0 {
		return "-"
	}
	return fmt.Sprint(n)
}
