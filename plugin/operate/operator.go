package operate

import (
	"fmt"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/healthcheck/probe"
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

	mu       sync.Mutex    // guards the following
	opened   []*generation // those that are open, the newest last
	restored *restored     // what an earlier process knew; nil if that is nothing
	begun    bool          // a generation has been opened

	recordsMu sync.Mutex // guards the following
	known     map[pool.Place]known
}

// known is a record, or the last that was known of one that is no longer served.
type known struct {
	record *serve.Record // nil for the latter
	memory pool.Memory
}

// Hooks are what an Operator tells.
type Hooks struct {
	// Told are told of what an operator does.
	Told []event.Subscriber
	// Warn logs a warning.
	Warn func(format string, v ...any)
	// StateFailed counts a state that could not be written.
	StateFailed func()
}

// A Config is what a Corefile says of how it is operated.
type Config struct {
	API        *admin.Config // nil without one
	StatePath  string        // "" without one
	StateAge   time.Duration // up to which states of endpoints count
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
	o := &Operator{registry: reg, process: process, journal: journal, hooks: h, known: make(map[pool.Place]known)}
	o.overrides = override.NewSet(reg.Clock(), o.tellOverride)
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
		Released:  o.released,
		Warn:      h.Warn,
	})
	return o
}

// Open does what a Corefile says. What it returns undoes that.
func (o *Operator) Open(c Config) (closeIt func(), err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	g := &generation{config: c}
	if c.StatePath != "" {
		if g.state, err = o.openStateLocked(&c); err != nil {
			return nil, err
		}
	}
	if c.API != nil {
		if g.lease, err = o.api.Open(*c.API); err != nil {
			g.state.release()
			return nil, err
		}
	}
	o.opened, o.begun = append(o.opened, g), true
	o.saveWithLocked()
	return func() { o.close(g) }, nil
}

// close undoes Open. A newer generation that is open has replaced this one.
func (o *Operator) close(g *generation) {
	o.mu.Lock()
	replaced := o.opened[len(o.opened)-1] != g
	o.opened = slices.DeleteFunc(o.opened, func(other *generation) bool { return other == g })
	o.saveWithLocked()
	o.restored = nil
	o.mu.Unlock()
	if g.lease != nil {
		g.lease.Close()
	}
	g.state.release()
	if replaced {
		o.forgetStrips()
		o.tell(event.Event{Kind: event.Reloaded, Reason: "the Corefile was read again"})
	}
}

// forgetStrips forgets those of records that are no longer served.
func (o *Operator) forgetStrips() {
	places := make(map[pool.Place]bool)
	for _, b := range o.process.Blocks() {
		for _, rec := range b.Records() {
			places[rec.Place()] = true
		}
	}
	o.journal.Forget(places)
}

// Attach lets the operator override a record from now on, and lets the record start from
// what an earlier process knew.
func (o *Operator) Attach(rec *serve.Record) {
	o.mu.Lock()
	m, ok := o.restored.memory(rec.Place())
	o.mu.Unlock()
	if ok {
		rec.Remember(m)
	}
	o.recordsMu.Lock()
	o.known[rec.Place()] = known{record: rec}
	o.recordsMu.Unlock()
	o.overrides.Attach(rec)
}

// Detach ends that. What is known of the record is kept, as the process may be ending.
func (o *Operator) Detach(rec *serve.Record) {
	o.overrides.Detach(rec)
	m := rec.Memory()
	o.recordsMu.Lock()
	defer o.recordsMu.Unlock()
	if at := rec.Place(); o.known[at].record == rec {
		o.known[at] = known{memory: m}
	}
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

// Heartbeats calls f with when each heartbeat that is checked has beaten last.
func (o *Operator) Heartbeats(f func(name string, at time.Time)) {
	beats := probe.Beats()
	for _, name := range o.heartbeats() {
		if at, ok := beats[name]; ok {
			f(name, at)
		}
	}
}

func (o *Operator) heartbeats() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.opened) == 0 {
		return nil
	}
	return o.opened[len(o.opened)-1].config.Heartbeats
}

func (o *Operator) beat(name string, err error) bool {
	if !slices.Contains(o.heartbeats(), name) {
		return false
	}
	probe.Beat(name, o.registry.Clock().Now(), err)
	o.changed()
	return true
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

// released makes events of pools whose hold an operator has ended.
func (o *Operator) released(at pool.Place, pools []string, actor string) error {
	for _, p := range pools {
		o.tell(event.Event{
			Kind: event.Released, Record: at.Record, Server: at.Server, View: at.View, Pool: p,
			Reason: fmt.Sprintf("pool %s may answer again", p), Actor: actor,
		})
	}
	return o.save()
}
