package serve

import (
	"slices"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/plugin/answer"
	"github.com/coredns-failover/failover/plugin/zone"
)

// Origins are the zones of a server block and the SOA of each, for negative answers.
type origins struct {
	apexes     zone.Apexes
	soas       map[string]*answer.Apex // by the names that apexes gives
	root       *answer.Apex            // for names that are in no zone of ours
	serial     uint32
	zones      []string
	inZones    zone.Index        // of zones
	ttls       map[string]uint32 // of zones
	defaultTTL uint32            // without zones
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

// makeSOAs makes a SOA for the apex of each of zones.
func (o *origins) makeSOAs(zones []string) {
	for _, z := range zones {
		if apex := o.apexes.Of(z); apex != "" && o.soas[apex] == nil {
			o.soas[apex] = answer.NewApex(apex, o.serial)
		}
	}
}

// sign notes which zones dnssec signs in the server block.
func (o *origins) setSigned(zones []string) {
	o.apexes.Sign(zones)
	o.makeSOAs(zones)
}

// An authority is what negative answers about a name are made from, where no next
// plugin has a SOA for it.
type authority struct {
	apex *answer.Apex // origins.root if the name is in no zone of ours
	ttl  uint32
}

// about returns the authority for a name that is no record's.
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

// about returns the authority for a name; rec is nil if it is no record's.
func (b *Block) authorityOf(qname string, rec *Record) authority {
	if rec != nil {
		return authority{rec.apex, rec.Record().TTL}
	}
	return b.origins.authorityOf(qname)
}

// soa returns the SOA of negative answers about a name: of one that is no record's,
// what is known from records around it.
func (b *Block) soa(qname string, rec *Record, n authority) dns.RR {
	if rec != nil {
		return rec.negative(n.ttl)
	}
	return n.apex.SOA(b.feeds.SOAs().Nearest(qname, b.origins.apexes.Signed(qname)), n.ttl)
}
