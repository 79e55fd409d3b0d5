package corefile

import (
	"strings"

	"github.com/coredns/coredns/plugin"
	"github.com/coredns/coredns/plugin/pkg/parse"

	"github.com/miekg/dns"
)

// A zone is a ZONE of a failover block.
type zone struct {
	name     string // absolute and lower case
	wildcard bool   // written with an asterisk in front
}

// record is the record that z is in a block with pools.
func (z zone) record() recordName {
	if z.wildcard {
		return recordName{fqdn: below("*", z.name), zone: z.name}
	}
	return recordName{fqdn: z.name, zone: z.name}
}

// readZones reads the ZONEs of the line of a block, which default to the zones
// of the server block with these keys.
func readZones(l line, keys []string) ([]zone, error) {
	if len(l.words) == 1 {
		return serverZones(l, keys)
	}
	if err := l.wellFormed(false, false); err != nil {
		return nil, err
	}
	var zones []zone
	seen := make(map[zone]bool)
	for _, s := range l.words[1:] {
		z, ok := readZone(s)
		switch {
		case !ok:
			return nil, l.errf("ZONE %s: expected a domain name of letters, digits, '-' and '_', "+
				"without scheme, port or prefix length%s", show(s), inASCII(s))
		case seen[z]:
			return nil, l.errf("ZONE %s is given twice", s)
		}
		seen[z] = true
		zones = append(zones, z)
	}
	return zones, nil
}

func readZone(s string) (zone, bool) {
	rest, wildcard := cutAsterisk(s)
	if wildcard && rest == "" {
		rest = "."
	}
	name, ok := domain(rest)
	z := zone{name: name, wildcard: wildcard}
	return z, ok && !isAddress(s) && len(z.record().fqdn) <= maxName
}

// serverZones returns the zones of the server block. They are CoreDNS's to
// judge: what it serves may have more letters than a ZONE here.
func serverZones(l line, keys []string) ([]zone, error) {
	var zones []zone
	seen := make(map[zone]bool)
	for _, s := range origins(keys) {
		if _, ok := dns.IsDomainName(s); !ok || len(s) > maxName || s != plugin.Name(s).Normalize() {
			return nil, l.errf("ZONE %s of the server block: expected a domain name", show(s))
		}
		z := serverZone(s)
		if !seen[z] {
			seen[z] = true
			zones = append(zones, z)
		}
	}
	if len(zones) == 0 {
		return nil, l.errf("failover: missing argument, expected a ZONE as the server block has none")
	}
	return zones, nil
}

// refuseIDN refuses, at the line of a block, a server block with a zone that no query
// has: its letters are not those of ASCII.
func refuseIDN(l line, keys []string) error {
	for _, s := range origins(keys) {
		if !isASCII(s) {
			return l.errf("ZONE %s of the server block: expected letters of ASCII%s", show(s), inASCII(s))
		}
	}
	return nil
}

// origins returns the zones of the server block with these keys.
func origins(keys []string) []string {
	hosts := make([]string, len(keys))
	for i, key := range keys {
		_, hosts[i] = parse.Transport(key)
	}
	return plugin.OriginsFromArgsOrServerBlock(nil, hosts)
}

func serverZone(s string) zone {
	rest, wildcard := cutAsterisk(s)
	return zone{name: rest, wildcard: wildcard}
}

// cutAsterisk cuts an asterisk off that is the whole first label of s. What
// remains is "" if s is nothing else, and "." if s is the root's "*.".
func cutAsterisk(s string) (rest string, wildcard bool) {
	switch {
	case s == "*":
		return "", true
	case s == "*.":
		return ".", true
	default:
		return strings.CutPrefix(s, "*.")
	}
}

// below returns the name that label is in the zone.
func below(label, zone string) string {
	if zone == "." {
		return label + "."
	}
	return label + "." + zone
}
