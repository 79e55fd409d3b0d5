package serve

import (
	"context"
	"net/netip"
	"slices"
	"strings"

	"github.com/coredns/coredns/core/dnsserver"
	"github.com/coredns/coredns/plugin"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/plugin/content"
	"github.com/coredns-failover/failover/plugin/coredns"
	"github.com/coredns-failover/failover/plugin/lookup"
	"github.com/coredns-failover/failover/plugin/policy"
	"github.com/coredns-failover/failover/plugin/pool"
	"github.com/coredns-failover/failover/plugin/zone"
)

// A Config is the configuration of a Block.
type Config struct {
	Records   []pool.Record
	Zones     []Zone // in the order of the Corefile
	Witnesses []pool.Endpoint
	// ECSFrom are the resolvers whose client subnets are trusted. They are complete when
	// all server blocks have been parsed.
	ECSFrom *[]netip.Prefix
	// BlockZones are the zones of the server block.
	BlockZones []string
	// DefaultTTL is the TTL of negative answers in a block without Zones.
	DefaultTTL uint32
	// Serial is the serial of synthetic SOAs.
	Serial uint32

	// Next returns the next plugin, or nil.
	Next func() plugin.Handler
	// Handler is the plugin itself, which answers.
	Handler plugin.Handler
	// Observe returns the observer of a record.
	Observe func(*pool.Record) Observer
	// Operator may override the records; nil is nobody.
	Operator Operator
	// LookupChanged is called with the error when lookups of a name begin to fail, and
	// with nil when they work again.
	LookupChanged func(name string, err error)
}

// A Zone is a zone in which a Block gives the negative answers if no next plugin does.
type Zone struct {
	Name string // absolute and lower case
	TTL  uint32 // of these answers
}

// A Block answers for the records of one server block.
type Block struct {
	cfg *Config

	names      zone.Tree[*Record]
	records    []*Record
	origins    *origins
	bypass     []string
	bypassZone bool // bypass has zones, not names

	entry    func() plugin.Handler // where lookups enter the server block; nil if there are none
	targets  *lookup.Targets       // looks up the targets of CNAMEs
	lookups  *lookup.Lookups
	messages *messageCache      // of what a cache in front bypasses because of bypass; nil without a cache
	content  *content.Refresher // of the zones that wildcards are in; nil without any
	lookedUp bool               // some endpoints are names, which may be records' names

	// servers are the addresses that the block listens on, view is its name in metrics.
	// Attach sets both.
	servers []string
	view    string
	place   *coredns.Place
	standIn *dnsserver.Server // of lookups, which does not listen

	witnesses []*lookup.Witness
}

// New returns the Block of cfg. It probes nothing before it is started.
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
		operator: b.cfg.Operator,
		chooser:  chooser,
		apex:     b.origins.authorityOf(cfg.Name).apex,
		wildcard: strings.HasPrefix(cfg.Name, "*."),
		hasCNAME: slices.ContainsFunc(cfg.Pools, func(p pool.Pool) bool { return p.CNAME }),
		targets:  b.targets,
	}
	next := slices.IndexFunc(cfg.Pools, func(p pool.Pool) bool { return p.Next() })
	if rec.wildcard && next >= 0 {
		rec.Tracker = pool.NewTracker(cfg, endpointObserver{rec.observer})
		rec.learned = lookup.NewWildcard(rec.Tracker, next, b.askNext, rec.observer)
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

// Find returns the record of a name in lower case, or nil, and what the name is to the
// block.
func (b *Block) Find(name string) (*Record, zone.Match) { return b.names.Find(name) }

// Records returns the records in the order of the Corefile.
func (b *Block) Records() []*Record { return b.records }

// Witnesses returns the witnesses of the process that stand in this block.
func (b *Block) Witnesses() []*lookup.Witness { return b.witnesses }

// CacheBypass returns the names at and below which a cache in front must keep nothing.
// If there are too many, it returns zones instead.
func (b *Block) CacheBypass() (names []string, zones bool) { return b.bypass, b.bypassZone }

// OutOfZone returns the Zones that are in no zone of the server block.
func (b *Block) OutOfZone() (zones []string) {
	blocks := zone.NewIndex(b.cfg.BlockZones)
	for _, z := range b.origins.zones {
		if blocks.Match(z) == "" {
			zones = append(zones, z)
		}
	}
	return zones
}

// ForSubnets returns the names of the records whose answers depend on the client
// subnet.
func (b *Block) ForSubnets() (names []string) {
	for _, rec := range b.records {
		if len(*b.cfg.ECSFrom) > 0 && rec.chooser.DependsOnClient() {
			names = append(names, rec.Record().Name)
		}
	}
	return names
}
