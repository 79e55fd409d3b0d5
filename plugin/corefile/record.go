package corefile

import (
	"strings"

	"github.com/coredns/coredns/plugin/pkg/dnsutil"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/plugin/corefile/internal/syntax"
	tree "github.com/coredns-failover/failover/plugin/zone"
)

// A recordName is the name of a record and its zone.
type recordName struct {
	fqdn string // absolute and lower case, with an asterisk in front if it is a wildcard
	zone string
}

// refuseAsterisks refuses a ZONE with an asterisk in a block with records. l is the
// line of the first record.
func refuseAsterisks(l syntax.Line, zones []zone) error {
	for _, z := range zones {
		if z.wildcard {
			return l.Errf("record %s: expected a ZONE without an asterisk in a block with records, "+
				"and it has %s", syntax.Show(l.Words[1]), z.record().fqdn)
		}
	}
	return nil
}

// expand returns the names of the record at l: each NAME in each of zones, which are in
// index.
func expand(l syntax.Line, zones []zone, index tree.Index) ([]recordName, error) {
	var names []recordName
	for _, s := range l.Words[1:] {
		expanded, err := expandName(l, s, zones, index)
		if err != nil {
			return nil, err
		}
		names = append(names, expanded...)
	}
	return names, nil
}

func expandName(l syntax.Line, s string, zones []zone, index tree.Index) ([]recordName, error) {
	if !isRecordName(s) {
		return nil, l.Expected(s, "a name of letters, digits, '-' and '_', or '@'; "+
			"an asterisk may be its whole first label%s", syntax.InASCII(s))
	}
	if strings.HasSuffix(s, ".") {
		return enclosed(l, s, zones, index)
	}
	var names []recordName
	for _, z := range zones {
		n := recordName{fqdn: z.name, zone: z.name}
		if s != "@" {
			n.fqdn = dnsutil.Join(strings.ToLower(s), z.name)
		}
		if _, ok := dns.IsDomainName(n.fqdn); !ok || len(n.fqdn) > syntax.MaxName {
			return nil, l.Expected(s, "a name that is not too long in the ZONE %s", z.name)
		}
		names = append(names, n)
	}
	return names, nil
}

func isRecordName(s string) bool {
	rest, wildcard := cutAsterisk(s)
	if s == "@" || wildcard && rest == "" {
		return true
	}
	_, ok := syntax.Domain(rest)
	return ok && !syntax.IsAddress(s)
}

// enclosed returns the absolute name s in the longest zone that it is in.
func enclosed(l syntax.Line, s string, zones []zone, index tree.Index) ([]recordName, error) {
	n := recordName{fqdn: strings.ToLower(s)}
	n.zone = index.Match(n.fqdn)
	switch {
	case n.zone == "":
		return nil, l.Expected(s, "a name in the ZONE %s, and it is outside", zoneNames(zones))
	case len(n.fqdn) > syntax.MaxName:
		return nil, l.Expected(s, "a name that is not too long")
	}
	return []recordName{n}, nil
}

func zoneNames(zones []zone) string {
	names := make([]string, len(zones))
	for i, z := range zones {
		names[i] = z.name
	}
	return strings.Join(names, " or ")
}
