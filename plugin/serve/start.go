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

// Attach tells the block in which server block it is, and what other plugins do there.
// It is called from OnStartup, before Start.
func (b *Block) Attach(c *caddy.Controller) {
	own := dnsserver.GetConfig(c)
	b.servers, b.view = coredns.Listeners(c), own.ViewName
	b.messages = NewMessageCache(coredns.Zones(own.Handler("cache")))
	b.entry = coredns.Entry(own.Handlers)
	b.lookThrough(coredns.Blocks(c), own)
	b.content = content.New(b.wildcards(), own.Handlers(), b.names.SetContents)
	if signed := coredns.Zones(own.Handler("dnssec")); len(signed) > 0 {
		b.origins.sign(signed)
		for _, rec := range b.records {
			rec.apex = b.origins.about(rec.Record().Name).apex
		}
	}
	b.findSOAs()
}

// lookThrough says where names are looked up: in own, the server block of b, and by
// way of blocks, those that listen where it does.
func (b *Block) lookThrough(blocks []*dnsserver.Config, own *dnsserver.Config) {
	b.feeds = lookup.NewFeeds(b.cfg.Next, b.entry, coredns.Server(b.servers[0], own, blocks...), b.cfg.LookupChanged)
	b.targets.Elsewhere = b.elsewhere(blocks)
}

// elsewhere returns a function that reports whether another of blocks is nearer to
// a name than the server block of b.
func (b *Block) elsewhere(blocks []*dnsserver.Config) func(name string) bool {
	var zones []string
	for _, other := range blocks {
		if !slices.Contains(b.cfg.BlockZones, other.Zone) {
			zones = append(zones, other.Zone)
		}
	}
	own, others := zone.NewIndex(b.cfg.BlockZones), zone.NewIndex(zones)
	return func(name string) bool {
		name = strings.ToLower(name)
		return len(others.Match(name)) > len(own.Match(name))
	}
}

// wildcards returns the names of records that are wildcards.
func (b *Block) wildcards() (names []string) {
	for _, rec := range b.records {
		if rec.wildcard {
			names = append(names, rec.Record().Name)
		}
	}
	slices.Sort(names)
	return names
}

// findSOAs has the SOA of each record looked up from the start on. A CNAME of the next
// plugins says nothing of its own zone: then the names above are asked, up to ours.
func (b *Block) findSOAs() {
	apexes := b.origins.apexes
	for _, rec := range b.records {
		name := strings.TrimPrefix(rec.Record().Name, "*.")
		rec.soa = b.feeds.SOAs().Add(name, cmp.Or(apexes.Of(name), name), apexes.Signed(name))
	}
}

// Place implements lifecycle.Block.
func (b *Block) Place() (zones []string, view string, servers []string) {
	return b.cfg.BlockZones, b.view, b.servers
}

// Start implements lifecycle.Block: it begins to check the endpoints, with the state
// that they have in the blocks before.
func (b *Block) Start(reg *healthcheck.Registry, before []*Block) {
	for _, w := range b.witnesses {
		w.Start(reg, witnessIn(before, w))
	}
	for _, rec := range b.records {
		rec.start(reg, b.servers, b.view, recordIn(before, rec.Record().Name))
	}
}

// recordIn returns the record of the first of blocks that has one of that name, or nil.
func recordIn(blocks []*Block, name string) *Record {
	for _, b := range blocks {
		if rec, _ := b.names.Find(name); rec != nil && rec.Record().Name == name {
			return rec
		}
	}
	return nil
}

// witnessIn returns w as the first of blocks has it, or nil.
func witnessIn(blocks []*Block, w *lookup.Witness) *lookup.Witness {
	for _, b := range blocks {
		if i := slices.IndexFunc(b.witnesses, w.Is); i >= 0 {
			return b.witnesses[i]
		}
	}
	return nil
}

// StartLookups implements lifecycle.Block.
func (b *Block) StartLookups(before []*Block) {
	var known *content.Follower
	if len(before) > 0 {
		known = before[0].content
	}
	b.content.Start(known)
	trackers := make([]*pool.Tracker, len(b.records))
	for i, rec := range b.records {
		trackers[i] = rec.Tracker
	}
	b.feeds.Start(trackers, b.witnesses)
}

// IsAsked implements lifecycle.Block.
func (b *Block) IsAsked() bool { return b.feeds.Asked() }

// Stop implements lifecycle.Block: it ends the checks that only b needs.
func (b *Block) Stop(reg *healthcheck.Registry) {
	b.content.Stop()
	b.feeds.Stop()
	for _, w := range b.witnesses {
		w.Stop()
	}
	for _, rec := range b.records {
		rec.stop(reg)
	}
}
