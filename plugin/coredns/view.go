package coredns

import "github.com/coredns/coredns/core/dnsserver"

// chosen are the server blocks that answer lookups, by their zones.
type chosen map[string]*dnsserver.Config

// inView returns one block for each zone: own if it is for the zone, else the first of the
// same view, else the first without a view. Blocks of other views are left out.
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
