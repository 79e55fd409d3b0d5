package coredns

import "github.com/coredns/coredns/core/dnsserver"

// chosen are the server blocks that lookups go to, by their zones.
type chosen map[string]*dnsserver.Config

// inView returns one of blocks for each zone: own if it is for the zone, else the
// first of the same view, else the first without a view. A zone that has neither
// has no block: the lookup is nobody's in the other views.
func inView(own *dnsserver.Config, blocks []*dnsserver.Config) chosen {
	rank := func(b *dnsserver.Config) int {
		switch {
		case b == nil:
			return 0
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
	in := make(chosen)
	for _, b := range blocks {
		if rank(b) > rank(in[b.Zone]) {
			in[b.Zone] = b
		}
	}
	return in
}
