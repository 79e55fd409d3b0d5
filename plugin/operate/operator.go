package operate

import (
	"os"
	"slices"
	"sync"
	"time"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/plugin/admin"
	"github.com/coredns-failover/failover/plugin/event"
	"github.com/coredns-failover/failover/plugin/lifecycle"
	"github.com/coredns-failover/failover/plugin/override"
	"github.com/coredns-failover/failover/plugin/pool"
	"github.com/coredns-failover/failover/plugin/serve"
)

// An Operator has what the process is operated with.
type Operator struct {
	registry  *healthcheck.Registry
	process   *lifecycle.Process[*serve.Block]
	journal   *event.Journal
	overrides *override.Set
	api       *admin.Service
	hooks     Hooks

	mu     sync.Mutex    // guards the following
	opened []*generation // those that are open, the newest last
	begun  bool          // a generation has been opened

	recordsMu sync.Mutex // guards the following
	places    places
}

// Hooks are what an Operator tells.
type Hooks struct {
	// Told are told of what an operator does.
	Told []event.Subscriber
	// Warn and Info log.
	Warn, Info func(format string, v ...any)
	// StateFailed counts a state that could not be written.
	StateFailed func()
}

// A Config is what a Corefile says of how it is operated.
type Config struct {
	API        *admin.Config // nil without one
	State      *StateConfig  // nil without one
	Heartbeats []string      // the names of those that are checked
}

// A generation is what is open for one run of the Corefile.
type generation struct {
	config Config
	lease  *admin.Lease // nil without one
	state  *stateFile   // the same
}

// New returns an Operator of the records of process. journal is told of events by those
// who make them.
func New(version string, reg *healthcheck.Registry, process *lifecycle.Process[*serve.Block], journal *event.Journal, h Hooks) *Operator {
	o := &Operator{registry: reg, process: process, journal: journal, hooks: h}
	o.overrides = override.NewSet(reg.Clock(), o.tellOverride)
	o.overrides.SaveWith(o.save)
	id, _ := os.Hostname() // "" is a name as well
	o.api = admin.NewService(&admin.Backend{
		Version: version, ID: id, Started: time.Now(),
		Ready:     process.AllReady,
		Frozen:    reg.Frozen,
		Records:   o.records,
		Named:     o.named,
		Witnesses: o.witnesses,
		Overrides: o.overrides,
		Journal:   journal,
		Explain:   o.explain,
		Beat:      o.beat,
		Release:   o.release,
		Warn:      h.Warn,
	})
	return o
}

// Open does what a Corefile says. What it returns undoes that.
func (o *Operator) Open(c Config) (closeIt func(), err error) {
	g := &generation{config: c}
	if err := o.open(g); err != nil {
		g.state.release(false)
		return nil, err
	}
	return func() { o.close(g) }, nil
}

func (o *Operator) open(g *generation) (err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if g.config.State != nil {
		if g.state, err = o.openStateLocked(g.config.State); err != nil {
			return err
		}
	}
	if g.config.API != nil {
		if g.lease, err = o.api.Open(*g.config.API); err != nil {
			return err
		}
	}
	o.opened, o.begun = append(o.opened, g), true
	return nil
}

// close undoes Open. If a newer generation is open, it has replaced this one; if only an
// older one is, this one has failed to start.
func (o *Operator) close(g *generation) {
	o.mu.Lock()
	newest := o.opened[len(o.opened)-1]
	o.opened = slices.DeleteFunc(o.opened, func(other *generation) bool { return other == g })
	last := len(o.opened) == 0
	o.mu.Unlock()
	if !last {
		o.forgetLeft()
	}
	if newest.state != nil && newest.state != g.state {
		newest.state.Save() // before the file that it replaces is let go
	}
	if g.lease != nil {
		g.lease.Close()
	}
	g.state.release(newest != g || last)
	if newest != g {
		o.tell(event.Event{Kind: event.Reloaded, Reason: "the Corefile was read again"})
	}
}

// forgetLeft forgets what is only for records that are not served, as the process goes on
// without them.
func (o *Operator) forgetLeft() {
	o.recordsMu.Lock()
	defer o.recordsMu.Unlock()
	o.places.left, o.places.recalled = nil, nil
	served := make(map[pool.Place]bool, len(o.places.served))
	for at := range o.places.served {
		served[at] = true
	}
	o.journal.Forget(served)
}

// Attach lets the operator override a record from now on, and lets the record start from
// what an earlier process knew.
func (o *Operator) Attach(rec *serve.Record) {
	o.recordsMu.Lock()
	m, ok := o.places.attach(rec)
	o.recordsMu.Unlock()
	if ok {
		rec.Remember(m)
	}
	o.overrides.Attach(rec)
}

// Detach ends that. What is known of the record is kept, as the process may be ending.
func (o *Operator) Detach(rec *serve.Record) {
	o.overrides.Detach(rec)
	m := rec.Memory()
	o.recordsMu.Lock()
	defer o.recordsMu.Unlock()
	o.places.detach(rec, m)
}

// records returns those that are served.
func (o *Operator) records() (all []admin.Record) {
	for _, b := range o.process.Latest() {
		for _, rec := range b.Records() {
			all = append(all, rec)
		}
	}
	return all
}

// named returns the records of a name, which may be a wildcard.
func (o *Operator) named(name string) (all []admin.Record) {
	for _, b := range o.process.Latest() {
		if rec, _ := b.Find(name); rec != nil && rec.Place().Record == name {
			all = append(all, rec)
		}
	}
	return all
}

func (o *Operator) witnesses() (all []admin.Witness) {
	for _, b := range o.process.Latest() {
		for _, w := range b.Witnesses() {
			all = append(all, admin.Witness{Target: w.Target(), Status: w.Status()})
		}
	}
	return all
}

// Overrides calls f for the target and the action of each override.
func (o *Operator) Overrides(f func(record, action string)) {
	for _, v := range o.overrides.List() {
		f(v.Record, string(v.Action))
	}
}

func (o *Operator) tell(e event.Event) {
	e.Time = o.registry.Clock().Now()
	for _, s := range o.hooks.Told {
		s(e)
	}
}

// tellOverride makes an event of what happened to an override.
func (o *Operator) tellOverride(what override.What, v override.Override) {
	e := event.Event{
		Kind: event.OverrideSet, Record: v.Record, Server: v.Server, View: v.View, Pool: v.Pool, Endpoint: v.Endpoint,
		To: string(v.Action), Reason: what.Reason, Actor: what.Actor,
	}
	if v.Address != "" {
		e.Endpoint = v.Address
	}
	if what.Ended {
		e.Kind, e.From, e.To = event.OverrideEnded, e.To, ""
	}
	o.tell(e)
}
