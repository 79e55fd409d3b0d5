package zone

import "github.com/miekg/dns"

// An Index is a set of zones, absolute and in lower case. It finds the zone that encloses
// a name without comparing the name to all of them.
type Index map[string]struct{}

// NewIndex returns an Index of zones.
func NewIndex(zones []string) Index {
	x := make(Index, len(zones))
	for _, z := range zones {
		x[z] = struct{}{}
	}
	return x
}

// Match returns the longest zone at or above an absolute, lower-case name, or "", as
// plugin.Zones.Matches does.
func (x Index) Match(name string) string {
	if len(x) == 0 {
		return ""
	}
	for i, end := 0, name == "."; !end; i, end = dns.NextLabel(name, i) {
		if _, ok := x[name[i:]]; ok {
			return name[i:]
		}
	}
	if _, ok := x["."]; ok {
		return "."
	}
	return ""
}
