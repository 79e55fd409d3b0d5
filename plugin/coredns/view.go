package coredns

import (
	"slices"

	"github.com/coredns/coredns/core/dnsserver"
)

// inView returns one of blocks for each zone: own if it is for the zone, else the
// first of the same view, else the first without a view. A zone that has neither
// has no block: the lookup is nobody's in the other views.
func inView(own *dnsserver.Config, blocks []*dnsserver.Config) (chosen []*dnsserver.Config) {
	rank := func(b *dnsserver.Config) int {
		switch {
		case b == own:
			return 3
		case b.ViewName == own.ViewName && b.ViewName != "":
			return 2
		case b.ViewName == "":
			return 1
		default:
			return 0
		}
	}
	for _, b := range blocks {
		i := slices.IndexFunc(chosen, func(c *dnsserver.Config) bool { return c.Zone == b.Zone })
		switch {
		case rank(b) == 0:
		case i < 0:
			chosen = append(chosen, b)
		case rank(b) > rank(chosen[i]):
			chosen[i] = b
		}
	}
	return chosen
}
