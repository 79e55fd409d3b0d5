package main

import (
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"time"

	"github.com/coredns-failover/failover/plugin/admin"
	"github.com/coredns-failover/failover/plugin/override"
)

// say prints what people are told: beside the JSON, if that is wanted.
func (d *drill) say(format string, v ...any) {
	p := d.out
	if d.json() {
		p = d.err
	}
	p.line(0, format, v...)
}

// follow says what happens until the override is gone, and puts all back if ctx ends.
func (d *drill) follow(ctx context.Context, effects []override.Effect) error {
	began := time.Now()
	d.say("Drill of %s: pool %s answers %s, by override %s. Ctrl-C ends it.", d.set.Record, d.set.Pool, until(d.set.Expires, began), d.set.ID)
	for i := range effects {
		e := &effects[i]
		d.say("before     %s: %s", place(e.Server, e.View), outcome(&e.Before))
	}
	tick := time.NewTicker(drillLook)
	defer tick.Stop()
	for giveUp := began.Add(d.set.Expires.Sub(d.set.Created) + drillGrace); ; {
		records, err := d.look(context.WithoutCancel(ctx))
		switch {
		case err != nil && (isFinal(err) || time.Now().After(giveUp)):
			return d.lost(err)
		case err == nil && !d.isSet(records):
			return d.over(ctx, began, d.why())
		case err == nil:
			d.tell("in effect", records)
		}
		select {
		case <-ctx.Done():
			return d.putBack(ctx, began)
		case <-tick.C:
		}
	}
}

// look returns the records. It says once that the API does not answer.
func (d *drill) look(ctx context.Context) ([]admin.RecordView, error) {
	records, err := d.records(ctx)
	if err != nil && !d.away {
		d.err.line(0, "%v; the drill ends by itself, %s at most", err, until(d.set.Expires, time.Now()))
	}
	d.away = err != nil
	return records, err
}

func (d *drill) isSet(records []admin.RecordView) bool {
	return slices.ContainsFunc(records, func(r admin.RecordView) bool { return slices.Contains(r.Overrides, d.set.ID) })
}

// tell says what each record is answered with, where that has changed.
func (d *drill) tell(what string, records []admin.RecordView) {
	for i := range records {
		r := &records[i]
		now := fmt.Sprintf("%s, pool %s: %s", r.State, r.Pool, addresses(served(r)))
		at := place(r.Server, r.View)
		if d.told[at] == now {
			continue
		}
		d.told[at] = now
		d.say("%-9s  %s: %s, since %s", what, at, now, d.since(r))
	}
}

// since returns when a record became what it is, and how long after the override that was.
func (d *drill) since(r *admin.RecordView) string {
	text := r.Since.Local().Format("15:04:05.000 MST")
	if took := r.Since.Sub(d.set.Created); r.Pool == d.set.Pool && took >= 0 {
		text += fmt.Sprintf(", %s after the call", took.Round(100*time.Microsecond))
	}
	return text
}

// served returns the addresses that clients may get.
func served(r *admin.RecordView) (all []netip.Addr) {
	for _, p := range r.Pools {
		for i := range p.Endpoints {
			if addr, err := netip.ParseAddr(p.Endpoints[i].Address); err == nil && p.Endpoints[i].Served {
				all = append(all, addr)
			}
		}
	}
	return all
}

// putBack ends the override by hand. One that has ended already is as good.
func (d *drill) putBack(ctx context.Context, began time.Time) error {
	_, err := d.api.call(context.WithoutCancel(ctx), http.MethodDelete, changesPath+"/"+d.set.ID, nil)
	if err != nil && statusOf(err) != http.StatusNotFound {
		return d.lost(err)
	}
	return d.over(ctx, began, "interrupted, all is put back")
}

// why returns why the override is gone that the drill did not remove.
func (d *drill) why() string {
	if time.Now().Before(d.set.Expires.Add(-drillLook)) {
		return "the override was removed or replaced"
	}
	return "its time is up"
}

// over says what is answered after the drill.
func (d *drill) over(ctx context.Context, began time.Time, how string) error {
	d.say("The drill of %s is over after %s: %s.", d.set.Record, span(time.Since(began)), how)
	records, err := d.look(context.WithoutCancel(ctx))
	if err != nil {
		return err
	}
	clear(d.told)
	d.tell("now", records)
	return nil
}

func (d *drill) lost(err error) error {
	return fmt.Errorf("%w; if the override %s is still set, it holds %s, or until \"failoverctl remove %s\"", err, d.set.ID, until(d.set.Expires, time.Now()), d.set.ID)
}
