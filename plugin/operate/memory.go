package operate

import (
	"time"

	"github.com/coredns-failover/failover/healthcheck/probe"
	"github.com/coredns-failover/failover/plugin/event"
	"github.com/coredns-failover/failover/plugin/override"
	"github.com/coredns-failover/failover/plugin/pool"
	"github.com/coredns-failover/failover/plugin/serve"
	"github.com/coredns-failover/failover/plugin/state"
)

// places has what is known of each record. The zero value is nothing.
type places struct {
	served    map[pool.Place][]*serve.Record // those that are attached, the newest last
	left      map[pool.Place]pool.Memory     // of those that are not any more, as the process may be ending
	recalled  map[pool.Place]pool.Memory     // of an earlier process, until the record is attached
	releasing map[pool.Place]int             // those whose holds are about to be ended
}

// attach returns what an earlier process knew of a record.
func (p *places) attach(rec *serve.Record) (m pool.Memory, ok bool) {
	at := rec.Place()
	if p.served == nil {
		p.served = make(map[pool.Place][]*serve.Record)
	}
	p.served[at] = append(p.served[at], rec)
	delete(p.left, at)
	m, ok = p.recalled[at]
	delete(p.recalled, at)
	return m, ok
}

// detach keeps m, what is known of a record, if no other generation has the record.
func (p *places) detach(rec *serve.Record, m pool.Memory) {
	at := rec.Place()
	var rest []*serve.Record
	for _, other := range p.served[at] {
		if other != rec {
			rest = append(rest, other)
		}
	}
	if p.served[at] = rest; len(rest) > 0 {
		return
	}
	delete(p.served, at)
	if p.left == nil {
		p.left = make(map[pool.Place]pool.Memory)
	}
	p.left[at] = m
}

// restoreLocked takes in what an earlier process knew.
func (o *Operator) restoreLocked(c *state.Content, maxAge time.Duration) {
	now := o.registry.Clock().Now()
	strips := make(map[pool.Place][]event.Change, len(c.Records))
	recalled := make(map[pool.Place]pool.Memory, len(c.Records))
	for i := range c.Records {
		r := &c.Records[i]
		strips[r.Place] = r.Strip
		recalled[r.Place] = r.Memory.Aged(c.Saved, now, maxAge)
	}
	o.recordsMu.Lock()
	o.places.recalled = recalled
	o.recordsMu.Unlock()
	for name, b := range c.Heartbeats {
		if b.Time.After(now) {
			b.Time = now // the clock was set
		}
		probe.SetBeat(name, probe.Beat(b))
	}
	o.journal.Restore(c.Events, strips)
	list := make([]override.Override, len(c.Overrides))
	for i, v := range c.Overrides {
		list[i] = v.Override
		list[i].Frozen = v.Frozen
	}
	o.overrides.Restore(list)
}

// collect returns what a restart must not forget.
func (o *Operator) collect() state.Content {
	c := state.Content{Heartbeats: make(map[string]state.Heartbeat), Events: o.journal.Entries(event.Query{})}
	for name, b := range probe.Beats() {
		b.Time = b.Time.UTC()
		c.Heartbeats[name] = state.Heartbeat(b)
	}
	for _, v := range o.overrides.List() {
		c.Overrides = append(c.Overrides, state.Override{Override: v, Frozen: v.Frozen})
	}
	strips := o.journal.Strips()
	for at, m := range o.memories() {
		c.Records = append(c.Records, state.Record{Place: at, Memory: m, Strip: strips[at]})
	}
	return c
}

// memories returns what is known of each record, as if those that are about to be
// released were so.
func (o *Operator) memories() map[pool.Place]pool.Memory {
	o.recordsMu.Lock()
	all := make(map[pool.Place]pool.Memory, len(o.places.served))
	served := make(map[pool.Place]*serve.Record, len(o.places.served))
	releasing := make(map[pool.Place]bool)
	for at, same := range o.places.served {
		served[at] = same[len(same)-1]
	}
	for at, m := range o.places.left {
		all[at] = m
	}
	for at, n := range o.places.releasing {
		releasing[at] = n > 0
	}
	o.recordsMu.Unlock()
	for at, rec := range served {
		m := rec.Memory()
		if releasing[at] {
			m.Release()
		}
		all[at] = m
	}
	return all
}
