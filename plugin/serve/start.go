package serve

import (
	"cmp"
	"slices"
	"strings"

	"github.com/coredns/caddy"
	"github.com/coredns/coredns/core/dnsserver"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/plugin/content"
	"github.com/coredns-failover/failover/plugin/coredns"
	"github.com/coredns-failover/failover/plugin/lookup"
	"github.com/coredns-failover/failover/plugin/pool"
	"github.com/coredns-failover/failover/plugin/zone"
)

// Attach sets the listeners, the view and the other plugins of the server block of c. It
// is called from OnStartup, before Start. at is the place where c listens.
func (b *Block) Attach(c *caddy.Controller, at *coredns.Place) {
	own := dnsserver.GetConfig(c)
	b.servers, b.view = coredns.Listeners(c), own.ViewName
	b.messages = newMessageCache(coredns.Zones(own.Handler("cache")))
	b.entry = coredns.Entry(own.Handlers)
	b.setLookups(at, own)
	b.content = content.New(b.wildcards(), own.Handlers(), b.names.SetContents)
	if signed := coredns.Zones(own.Handler("dnssec")); len(signed) > 0 {
		b.origins.setSigned(signed)
		for _, rec := range b.records {
			rec.apex = b.origins.authorityOf(rec.Record().Name).apex
		}
	}
	b.addSOALookups()
}

// setLookups sets where names are looked up: in own, the server block of b, and in the
// other server blocks on its first listener.
func (b *Block) setLookups(at *coredns.Place, own *dnsserver.Config) {
	zones := zone.NewIndex(b.cfg.BlockZones)
	b.targets.Elsewhere = func(name string) bool {
		name = strings.ToLower(name)
		return len(at.Zone(name)) > len(zones.Match(name))
	}
	b.place, b.standIn = at, at.Server(b.servers[0], own)
	b.lookups.Attach(b.standIn, b.targets.Elsewhere)
}

// wildcards returns the names of the records that are wildcards, in order.
func (b *Block) wildcards() (names []string) {
	for _, rec := range b.records {
		if rec.wildcard {
			names = append(names, rec.Record().Name)
		}
	}
	slices.Sort(names)
	return names
}

// addSOALookups lets the SOA of each record be looked up from the start on: at its name
// and, if the next plugins have a CNAME there, at the names above it, up to its apex.
func (b *Block) addSOALookups() {
	apexes := b.origins.apexes
	for _, rec := range b.records {
		name := strings.TrimPrefix(rec.Record().Name, "*.")
		rec.soa = b.lookups.SOAs().Add(name, cmp.Or(apexes.Of(name), name), apexes.Signed(name))
	}
}

// Place implements lifecycle.Block.
func (b *Block) Place() (zones []string, view string, servers []string) {
	return b.cfg.BlockZones, b.view, b.servers
}

// Keys implements lifecycle.Block. A record has its name as key.
func (b *Block) Keys() []string {
	var keys []string
	for _, rec := range b.records {
		keys = append(keys, rec.Record().Name)
	}
	for _, w := range b.witnesses {
		keys = append(keys, witnessKey(w))
	}
	return keys
}

func witnessKey(w *lookup.Witness) string { return "witness " + w.Target() }

// Start implements lifecycle.Block: it starts the checks, with the state that endpoints
// and witnesses had in the blocks of before.
func (b *Block) Start(reg *healthcheck.Registry, before func(key string) []*Block) {
	for _, w := range b.witnesses {
		w.Start(reg, witnessIn(before(witnessKey(w)), w))
	}
	for _, rec := range b.records {
		name := rec.Record().Name
		rec.start(reg, b.servers, b.view, recordIn(before(name), name))
	}
}

// recordIn returns the record of this name in the first of blocks, or nil.
func recordIn(blocks []*Block, name string) *Record {
	if len(blocks) == 0 {
		return nil
	}
	rec, _ := blocks[0].names.Find(name)
	return rec
}

// witnessIn returns the witness with the target of w in the first block that has one, or
// nil.
func witnessIn(blocks []*Block, w *lookup.Witness) *lookup.Witness {
	for _, b := range blocks {
		if i := slices.IndexFunc(b.witnesses, func(o *lookup.Witness) bool { return o.Target() == w.Target() }); i >= 0 {
			return b.witnesses[i]
		}
	}
	return nil
}

// StartLookups implements lifecycle.Block.
func (b *Block) StartLookups(reg *healthcheck.Registry, before func(key string) []*Block) {
	b.content.Start(reg.Clock(), contentIn(before, b.wildcards()))
	trackers := make([]*pool.Tracker, len(b.records))
	for i, rec := range b.records {
		trackers[i] = rec.Tracker
	}
	b.lookups.Start(reg.Clock(), trackers, b.witnesses)
}

// contentIn returns the content of the first block of before that has one of wildcards,
// or nil.
func contentIn(before func(key string) []*Block, wildcards []string) *content.Refresher {
	for _, name := range wildcards {
		for _, b := range before(name) {
			return b.content
		}
	}
	return nil
}

// LookedUp implements lifecycle.Block.
func (b *Block) LookedUp() bool { return b.lookups.Ready() }

// Stop implements lifecycle.Block: it ends the lookups, and the checks that no other
// block needs.
func (b *Block) Stop(reg *healthcheck.Registry) {
	b.content.Stop()
	b.lookups.Stop()
	for _, w := range b.witnesses {
		w.Stop()
	}
	for _, rec := range b.records {
		rec.stop(reg)
	}
}
