package corefile

import (
	"cmp"
	"slices"

	"github.com/coredns/caddy"
	"github.com/coredns/coredns/core/dnsserver"

	"github.com/coredns-failover/failover/plugin/corefile/internal/syntax"
	"github.com/coredns-failover/failover/plugin/pool"
	tree "github.com/coredns-failover/failover/plugin/zone"
)

// A Config is the configuration in the failover blocks of one server block.
type Config struct {
	Records []pool.Record // in the order of the Corefile
	Zones   []Zone        // in the order of the Corefile, each once

	// Metadata has the names of the records with a prefer that uses metadata.
	Metadata []string

	// Empty has the blocks without records, as after an import that matches no file:
	// "FILE:LINE: ZONE...".
	Empty []string

	Witnesses []pool.Endpoint // which show whether this server is cut off
	Global    *Global         // shared by all server blocks of a Corefile
}

// A Zone is a ZONE of a failover block.
type Zone struct {
	Name string // absolute and lower case; without the asterisk if the ZONE has one
	TTL  uint32 // the ttl of the first block that has this ZONE
}

// DefaultTTL is the ttl, in seconds, where none is set.
const DefaultTTL = 5

const maxTTL = 65535

// Parse parses the failover blocks of one server block. Its errors name the file and the
// line in the form of [caddy.Controller.Errf].
func Parse(c *caddy.Controller) (*Config, error) {
	blocks, err := syntax.ReadLines(c, func() string { return dnsserver.GetConfig(c).Root })
	if err != nil {
		return nil, err
	}
	p := parser{
		keys:    c.ServerBlockKeys,
		records: make(map[string]syntax.Line),
		zones:   make(map[string]bool),
		config:  Config{Global: globalOf(c)},
	}
	if len(blocks) > 0 {
		if err := refuseIDN(blocks[0], p.keys); err != nil {
			return nil, err
		}
	}
	for _, l := range blocks {
		if err := p.addBlock(c, l); err != nil {
			return nil, err
		}
	}
	if err := p.validate(); err != nil {
		return nil, err
	}
	config := p.config // alone: a pointer into p would keep all lines of the Corefile
	return &config, nil
}

// A parser holds the state of parsing one server block.
type parser struct {
	keys    []string               // of the server block
	records map[string]syntax.Line // by name
	parsed  []*parsedRecord        // as Config.Records
	zones   map[string]bool
	config  Config
}

func (p *parser) addBlock(c *caddy.Controller, l syntax.Line) error {
	zones, err := readZones(l, p.keys)
	if err != nil {
		return err
	}
	b := &block{at: l}
	if err := blockProperties.Read("failover", l.Body, b); err != nil {
		return err
	}
	if err := b.health.Validate(); err != nil {
		return err
	}
	if err := p.addWitnesses(c, b); err != nil {
		return err
	}
	if err := p.setECSFrom(c, b); err != nil {
		return err
	}
	if err := p.operated(c, b); err != nil {
		return err
	}
	ttl := cmp.Or(b.ttl, defaultTTLs).most
	switch {
	case len(b.records) > 0:
		p.addZones(zones, ttl)
		return p.addRecords(b, zones)
	case len(b.pools) == 0 && b.hasGlobal():
		return nil // nothing but global properties
	case len(b.pools) == 0 && l.Open:
		p.addZones(zones, ttl)
		p.config.Empty = append(p.config.Empty, l.Place()+": "+zoneNames(zones))
		return nil
	default:
		p.addZones(zones, ttl)
		return p.addZoneRecords(b, zones)
	}
}

func (p *parser) addZones(zones []zone, ttl uint32) {
	for _, z := range zones {
		if !p.zones[z.name] {
			p.zones[z.name] = true
			p.config.Zones = append(p.config.Zones, Zone{Name: z.name, TTL: ttl})
		}
	}
}

// addZoneRecords adds the records of a block with pools: the ZONEs themselves.
func (p *parser) addZoneRecords(b *block, zones []zone) error {
	for _, z := range zones {
		if err := p.add(z.record(), b, new(block)); err != nil {
			return err
		}
	}
	return nil
}

// addRecords adds the records of a block with records.
func (p *parser) addRecords(b *block, zones []zone) error {
	if err := refuseAsterisks(b.records[0].at, zones); err != nil {
		return err
	}
	names := make([]string, len(zones))
	for i, z := range zones {
		names[i] = z.name
	}
	index := tree.NewIndex(names)
	p.config.Records = slices.Grow(p.config.Records, len(b.records))
	for _, r := range b.records {
		names, err := expand(r.at, zones, index)
		if err != nil {
			return err
		}
		for _, n := range names {
			if err := p.add(n, r, b); err != nil {
				return err
			}
		}
	}
	return nil
}

// add adds the record n, which r describes. r inherits from above.
func (p *parser) add(n recordName, r, above *block) error {
	if first, ok := p.records[n.fqdn]; ok {
		return r.at.Errf("duplicate record %s: it stands at %s already", n.fqdn, first.Place())
	}
	p.records[n.fqdn] = r.at
	record, err := resolve(n, r, above)
	if err != nil {
		return err
	}
	p.config.Records = append(p.config.Records, record)
	p.parsed = append(p.parsed, &parsedRecord{n, r.pools})
	if slices.ContainsFunc(r.pools, func(p *poolBlock) bool { return p.asksMetadata }) {
		p.config.Metadata = append(p.config.Metadata, n.fqdn)
	}
	return nil
}
