// Package failover is a CoreDNS plugin that answers A and AAAA of some names from the
// first healthy pool of addresses, and checks their health itself.
package failover

import (
	"cmp"
	"context"
	"strings"

	"github.com/coredns/coredns/plugin"
	"github.com/coredns/coredns/plugin/metadata"
	"github.com/coredns/coredns/request"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/plugin/corefile"
	"github.com/coredns-failover/failover/plugin/event"
	"github.com/coredns-failover/failover/plugin/lifecycle"
	"github.com/coredns-failover/failover/plugin/metrics"
	"github.com/coredns-failover/failover/plugin/policy"
	"github.com/coredns-failover/failover/plugin/pool"
	"github.com/coredns-failover/failover/plugin/serve"
	"github.com/coredns-failover/failover/plugin/zone"
)

// name is the directive, by which the plugins ready, metadata and cache find this one.
const name = "failover"

// Failover answers for the records of one server block.
type Failover struct {
	Next plugin.Handler

	block *serve.Block
	gen   *lifecycle.Generation // set by setup
}

// New returns the plugin for a server block with these zones. serial is the serial of
// synthetic SOAs. It probes nothing before it is started.
func New(cfg *corefile.Config, blockZones []string, serial uint32) (*Failover, error) {
	f := new(Failover)
	zones := make([]serve.Zone, len(cfg.Zones))
	for i, z := range cfg.Zones {
		zones[i] = serve.Zone(z)
	}
	var err error
	f.block, err = serve.New(&serve.Config{
		Records:       cfg.Records,
		Zones:         zones,
		Witnesses:     cfg.Witnesses,
		ECSFrom:       &cfg.Global.ECSFrom,
		BlockZones:    blockZones,
		DefaultTTL:    corefile.DefaultTTL,
		Serial:        serial,
		Next:          func() plugin.Handler { return f.Next },
		Handler:       f,
		Observe:       f.observe,
		Operator:      operator,
		LookupChanged: event.Lookup(event.Log),
	})
	return f, err
}

// observe returns the observer of rec, which writes the log and the metrics.
func (f *Failover) observe(rec *pool.Record) serve.Observer {
	return event.NewObserver(rec, func(servers []string, view string) event.Series {
		return metrics.Open(rec, servers, view, f.gen)
	}, journal.Tell, event.Log)
}

// Name implements plugin.Handler.
func (f *Failover) Name() string { return name }

// ServeDNS implements plugin.Handler. Its frame is small, because every query runs on
// the 2 KB stack of a new goroutine; package serve has the rare cases.
func (f *Failover) ServeDNS(ctx context.Context, w dns.ResponseWriter, r *dns.Msg) (int, error) {
	if !isQuery(r) {
		return plugin.NextOrFailure(f.Name(), f.Next, ctx, w, r)
	}
	qname, qtype := strings.ToLower(r.Question[0].Name), r.Question[0].Qtype
	rec, match := f.block.Find(qname)
	switch {
	case match == zone.OutOfZone:
		return f.block.ServeOutOfZone(ctx, w, r)
	case match == zone.Record && rec.Answers(qtype):
		return f.block.ServeRecord(ctx, w, r, qname, rec)
	default:
		return f.block.ServeFromNext(ctx, w, r, qname, rec, match)
	}
}

// isQuery reports whether r is a query in class IN with one question, and no zone
// transfer. All else passes through.
func isQuery(r *dns.Msg) bool {
	if r.Opcode != dns.OpcodeQuery || len(r.Question) != 1 || r.Question[0].Qclass != dns.ClassINET {
		return false
	}
	t := r.Question[0].Qtype
	return t != dns.TypeAXFR && t != dns.TypeIXFR
}

// CacheBypassZones implements cache.ZoneBypasser: a cache in front keeps nothing at or
// below these names.
func (f *Failover) CacheBypassZones() []string {
	names, _ := f.block.CacheBypass()
	return names
}

// Ready implements ready.Readiness.
func (f *Failover) Ready() bool { return process.Ready(f.block) }

// Metadata implements metadata.Provider.
func (f *Failover) Metadata(ctx context.Context, state request.Request) context.Context {
	rec, match := f.block.Find(state.Name())
	if match != zone.Record {
		return ctx
	}
	view := func() *pool.View { return cmp.Or(rec.ViewOf(state.Name()), rec.View()) }
	metadata.SetValueFunc(ctx, name+"/record", func() string { return rec.Record().Name })
	metadata.SetValueFunc(ctx, policy.PoolLabel, func() string {
		return rec.PoolName(f.block.PoolFor(ctx, state, rec, view()))
	})
	metadata.SetValueFunc(ctx, name+"/state", func() string { return string(view().State) })
	return ctx
}
