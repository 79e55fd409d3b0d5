package serve

import (
	"context"
	"net/netip"
	"slices"
	"strings"

	"github.com/coredns/coredns/plugin"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/plugin/content"
	"github.com/coredns-failover/failover/plugin/lookup"
	"github.com/coredns-failover/failover/plugin/policy"
	"github.com/coredns-failover/failover/plugin/pool"
	"github.com/coredns-failover/failover/plugin/zone"
)

// A Config is what a server block is to answer.
type Config struct {
	Records   []pool.Record
	Zones     []Zone // in the order of the Corefile
	Witnesses []pool.Endpoint
	// ECSFrom are the resolvers whose client subnets are believed. They are complete
	// once all server blocks are parsed.
	ECSFrom *[]netip.Prefix
	// BlockZones are those of the server block.
	BlockZones []string
	// DefaultTTL is that of negative answers in a block without zones.
	DefaultTTL uint32
	// Serial is that of the SOA records that are made up.
	Serial uint32

	// Next returns the next plugin, or nil.
	Next func() plugin.Handler
	// Observe returns who is told what happens to a record.
	Observe func(*pool.Record) Observer
	// LookupChanged is told why a name cannot be looked up, once until it can be; then
	// err is nil.
	LookupChanged func(name string, err error)
}

// A Zone is one in which negative answers are ours to give.
type Zone struct {
	Name string // absolute and lower case
	TTL  uint32 // of these
}

// A Block answers for the records of one server block.
type Block struct {
	cfg *Config

	names      zone.Tree[*Record]
	records    []*Record
	origins    *origins
	bypass     []string
	bypassZone bool // bypass holds zones, not names

	entry    func() plugin.Handler // where lookups of ours enter the server block; nil if there are none
	targets  *lookup.Targets       // looks up what CNAMEs lead to
	lookups  *lookup.Lookups
	messages *MessageCache      // of what a cache in front does not keep because of us; nil without one
	content  *content.Refresher // of the zones that wildcards are in; nil without any
	lookedUp bool               // addresses of some records are looked up, which may lead to others

	// servers are the addresses that the block listens on, view is its name in
	// metrics. They are known when it starts.
	servers []string
	view    string

	witnesses []*lookup.Witness
}

// New returns what answers as cfg says. Nothing is probed before it is started.
func New(cfg *Config) (*Block, error) {
	b := &Block{cfg: cfg, origins: newOrigins(cfg), entry: func() plugin.Handler { return nil }}
	for _, w := range cfg.Witnesses {
		b.witnesses = append(b.witnesses, lookup.NewWitness(w))
	}
	for _, z := range cfg.Zones {
		b.names.AddZone(z.Name)
	}
	entry := func() plugin.Handler { return b.entry() } // which Attach sets
	b.targets = &lookup.Targets{Entry: entry}
	b.lookedUp = slices.ContainsFunc(cfg.Records, pool.Record.NeedsLookup)
	b.lookups = lookup.NewLookups(cfg.Next, entry, cfg.LookupChanged)
	names := make([]string, len(cfg.Records))
	for i := range cfg.Records {
		names[i] = cfg.Records[i].Name
		if err := b.add(&cfg.Records[i]); err != nil {
			return nil, err
		}
	}
	b.bypass, b.bypassZone = zone.Bypass(names, b.origins.zones, cfg.BlockZones)
	return b, nil
}

func (b *Block) add(cfg *pool.Record) error {
	chooser, err := policy.NewChooser(cfg)
	if err != nil {
		return err
	}
	rec := &Record{
		observer: b.cfg.Observe(cfg),
		chooser:  chooser,
		apex:     b.origins.about(cfg.Name).apex,
		wildcard: strings.HasPrefix(cfg.Name, "*."),
		aliases:  slices.ContainsFunc(cfg.Pools, func(p pool.Pool) bool { return p.CNAME }),
		targets:  b.targets,
	}
	next := slices.IndexFunc(cfg.Pools, func(p pool.Pool) bool { return p.Next() })
	if rec.wildcard && next >= 0 {
		rec.Tracker = pool.NewTracker(cfg, endpointObserver{rec.observer})
		rec.names = lookup.NewWildcard(rec.Tracker, next, b.askNext, rec.observer)
	} else {
		rec.Tracker = pool.NewTracker(cfg, rec.observer)
	}
	b.records = append(b.records, rec)
	b.names.AddRecord(cfg.Name, b.origins.apexes.Above(cfg.Name), rec)
	return nil
}

// askNext asks the next plugins on behalf of the client of w.
func (b *Block) askNext(ctx context.Context, w dns.ResponseWriter, name string, qtype uint16) (*pool.Reply, error) {
	return b.lookups.LookupFor(ctx, w, name, qtype)
}

// Find returns the record that a name in lower case belongs to, and what the name is
// to the block.
func (b *Block) Find(name string) (*Record, zone.Match) { return b.names.Find(name) }

// Records returns the records in the order of the Corefile.
func (b *Block) Records() []*Record { return b.records }

// CacheBypass returns the names at and below which a cache in front may keep nothing,
// and whether these are zones because there would be too many names.
func (b *Block) CacheBypass() (names []string, zones bool) { return b.bypass, b.bypassZone }

// OutOfZone returns the zones that no zone of the server block encloses.
func (b *Block) OutOfZone() (zones []string) {
	blocks := zone.NewIndex(b.cfg.BlockZones)
	for _, z := range b.origins.zones {
		if blocks.Match(z) == "" {
			zones = append(zones, z)
		}
	}
	return zones
}

// ForSubnets returns the names of the records whose answers are for a client subnet
// alone.
func (b *Block) ForSubnets() (names []string) {
	for _, rec := range b.records {
		if len(*b.cfg.ECSFrom) > 0 && rec.chooser.DependsOnClient() {
			names = append(names, rec.Record().Name)
		}
	}
	return names
}
