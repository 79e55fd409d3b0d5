package zone

import (
	"cmp"

	"github.com/coredns/coredns/plugin"
)

// Apexes are the names that may own the SOA of negative answers.
type Apexes struct {
	blocks plugin.Zones // zones of the server block, without the root
	zones  plugin.Zones // ZONEs of the failover blocks, if the root is among the former
}

// NewApexes sorts the zones of a server block and those that its failover blocks
// name. All are absolute and in lower case.
func NewApexes(blocks, zones []string) Apexes {
	var a Apexes
	for _, z := range blocks {
		if z == "." {
			a.zones = zones
		} else {
			a.blocks = append(a.blocks, z)
		}
	}
	return a
}

// Of returns the apex of the zone that name is in: the server block's zone that
// encloses it, in a block for the root the enclosing ZONE, and "" if there is
// neither.
func (a Apexes) Of(name string) string {
	if z := a.blocks.Matches(name); z != "" {
		return z
	}
	return a.zones.Matches(name)
}

// Above returns the topmost name that can exist because of a record: the server
// block's zone that encloses it, or the root.
func (a Apexes) Above(name string) string {
	return cmp.Or(a.blocks.Matches(name), ".")
}
