package corefile

import (
	"strings"

	"github.com/coredns/coredns/plugin"
	"github.com/coredns/coredns/plugin/pkg/dnsutil"
	"github.com/coredns/coredns/plugin/pkg/parse"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/plugin/corefile/internal/syntax"
)

// A zone is a ZONE of a failover block.
type zone struct {
	name     string // absolute and lower case
	wildcard bool   // written with an asterisk in front
}

// record returns the name of the record that z is in a block with pools.
func (z zone) record() recordName {
	if z.wildcard {
		return recordName{fqdn: dnsutil.Join("*", z.name), zone: z.name}
	}
	return recordName{fqdn: z.name, zone: z.name}
}

// readZones returns the ZONEs of the block at l. The default is the zones of the
// server block, which has these keys.
func readZones(l syntax.Line, keys []string) ([]zone, error) {
	if len(l.Words) == 1 {
		return serverZones(l, keys)
	}
	if err := l.VerifyArgs(false, false); err != nil {
		return nil, err
	}
	var zones []zone
	seen := make(map[zone]bool)
	for _, s := range l.Words[1:] {
		z, ok := readZone(s)
		switch {
		case !ok:
			return nil, l.Errf("ZONE %s: expected a domain name of letters, digits, '-' and '_', "+
				"without scheme, port or prefix length%s", syntax.Show(s), syntax.InASCII(s))
		case seen[z]:
			return nil, l.Errf("ZONE %s is given twice", s)
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
	name, ok := syntax.Domain(rest)
	z := zone{name: name, wildcard: wildcard}
	return z, ok && !syntax.IsAddress(s) && len(z.record().fqdn) <= syntax.MaxName
}

// serverZones returns the zones of the server block with these keys. They may have any
// character that CoreDNS accepts; a ZONE has fewer.
func serverZones(l syntax.Line, keys []string) ([]zone, error) {
	var zones []zone
	seen := make(map[zone]bool)
	for _, s := range origins(keys) {
		if _, ok := dns.IsDomainName(s); !ok || len(s) > syntax.MaxName || s != plugin.Name(s).Normalize() {
			return nil, l.Errf("ZONE %s of the server block: expected a domain name", syntax.Show(s))
		}
		z := serverZone(s)
		if !seen[z] {
			seen[z] = true
			zones = append(zones, z)
		}
	}
	if len(zones) == 0 {
		return nil, l.Errf("failover: missing argument, expected a ZONE as the server block has none")
	}
	return zones, nil
}

// refuseIDN refuses a zone of the server block that is not ASCII, because no query has
// such a name. l is the line of the block.
func refuseIDN(l syntax.Line, keys []string) error {
	for _, s := range origins(keys) {
		if !syntax.IsASCII(s) {
			return l.Errf("ZONE %s of the server block: expected letters of ASCII%s", syntax.Show(s), syntax.InASCII(s))
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

// cutAsterisk cuts off an asterisk that is the first label of s. The rest is "" for "*"
// and "." for "*.".
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
