package operate

import (
	"fmt"
	"os"
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
	journal   *event.Journal
	overrides *override.Set
	registry  *healthcheck.Registry
	process   *lifecycle.Process[*serve.Block]
	api       *admin.Service
	to        []event.Subscriber // of what an operator does
}

// A Config is what a Corefile says of it.
type Config struct {
	API *admin.Config // nil without one
}

// New returns an Operator of the records of process. journal is told of events by who
// makes them, as are the subscribers to.
func New(version string, reg *healthcheck.Registry, process *lifecycle.Process[*serve.Block], journal *event.Journal, to ...event.Subscriber) *Operator {
	o := &Operator{journal: journal, registry: reg, process: process, to: to}
	o.overrides = override.NewSet(reg.Clock(), o.tellOverride)
	id, _ := os.Hostname() // "" is a name as well
	o.api = admin.NewService(&admin.Backend{
		Version: version, ID: id, Started: time.Now(),
		Ready:     func() bool { return process.IsReady() },
		Frozen:    reg.Frozen,
		Records:   o.records,
		Witnesses: o.witnesses,
		Overrides: o.overrides,
		Journal:   journal,
		Explain:   o.explain,
		Beat:      probe.Beat,
		Released:  o.released,
	})
	return o
}

// Open does what a Corefile says. What it returns undoes that.
func (o *Operator) Open(c Config) (close func(), err error) {
	if c.API == nil {
		return func() {}, nil
	}
	lease, err := o.api.Open(*c.API)
	if err != nil {
		return nil, err
	}
	return lease.Close, nil
}

// Attach lets the operator have a word about a record from now on.
func (o *Operator) Attach(rec *serve.Record) { o.overrides.Attach(rec) }

// Detach ends that.
func (o *Operator) Detach(rec *serve.Record) { o.overrides.Detach(rec) }

// records returns those that are served.
func (o *Operator) records() (all []admin.Record) {
	for _, b := range o.process.Latest() {
		for _, rec := range b.Records() {
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

func (o *Operator) tell(e event.Event) {
	e.Time = o.registry.Clock().Now()
	for _, s := range o.to {
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
	return nil
}
