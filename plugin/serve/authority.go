package serve

import (
	"slices"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/plugin/answer"
	"github.com/coredns-failover/failover/plugin/zone"
)

// origins are the zones of a server block and their SOAs, for negative answers.
type origins struct {
	apexes     zone.Apexes
	soas       map[string]*answer.Apex // by apex
	root       *answer.Apex            // for names in none of these zones
	serial     uint32
	zones      []string
	inZones    zone.Index        // of zones
	ttls       map[string]uint32 // by zone
	defaultTTL uint32            // if there are no zones
}

func newOrigins(cfg *Config) *origins {
	o := &origins{
		soas:       make(map[string]*answer.Apex),
		root:       answer.NewApex(".", cfg.Serial),
		serial:     cfg.Serial,
		ttls:       make(map[string]uint32),
		defaultTTL: cfg.DefaultTTL,
	}
	for _, z := range cfg.Zones {
		o.zones = append(o.zones, z.Name)
		o.ttls[z.Name] = z.TTL
	}
	o.inZones = zone.NewIndex(o.zones)
	o.apexes = zone.NewApexes(cfg.BlockZones, o.zones)
	o.makeSOAs(slices.Concat(cfg.BlockZones, o.zones))
	return o
}

// makeSOAs makes a SOA for the apex of each zone.
func (o *origins) makeSOAs(zones []string) {
	for _, z := range zones {
		if apex := o.apexes.Of(z); apex != "" && o.soas[apex] == nil {
			o.soas[apex] = answer.NewApex(apex, o.serial)
		}
	}
}

// setSigned sets the zones that dnssec signs in the server block.
func (o *origins) setSigned(zones []string) {
	o.apexes.Sign(zones)
	o.makeSOAs(zones)
}

// An authority has the SOA and the TTL of negative answers about a name, for when the
// next plugins have no SOA for it.
type authority struct {
	apex *answer.Apex // origins.root if the name is in no zone
	ttl  uint32
}

// authorityOf returns the authority for a name that is no record's.
func (o *origins) authorityOf(qname string) authority {
	a := authority{o.root, o.defaultTTL}
	if len(o.zones) > 0 {
		a.ttl = o.ttls[o.zones[0]]
	}
	if apex := o.soas[o.apexes.Of(qname)]; apex != nil {
		a.apex = apex
	}
	if z := o.inZones.Match(qname); z != "" {
		a.ttl = o.ttls[z]
	}
	return a
}

// authorityOf returns the authority for a name; rec is nil if it is no record's.
func (b *Block) authorityOf(qname string, rec *Record) authority {
	if rec != nil {
		return authority{rec.apex, rec.Record().TTL}
	}
	return b.origins.authorityOf(qname)
}

// soa returns the SOA of negative answers about a name. If it is no record's, the SOA
// is that of the nearest record above or below it for which the next plugins gave one.
func (b *Block) soa(qname string, rec *Record, n authority) dns.RR {
	if rec != nil {
		return rec.negative(n.ttl)
	}
	return n.apex.SOA(b.lookups.SOAs().Nearest(qname, b.origins.apexes.Signed(qname)), n.ttl)
}
