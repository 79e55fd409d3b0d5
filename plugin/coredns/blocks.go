package coredns

import (
	"slices"

	"github.com/coredns/caddy"
	"github.com/coredns/coredns/core/dnsserver"
)

// Blocks returns the server blocks that listen where the block of c does, itself
// among them, once for each of their zones: CoreDNS makes one server of them. It
// may be called from OnStartup on. Before servers are made, asking for a block
// that is not there would add one. It would end with a function of dnsserver that
// returns the configurations of an instance.
func Blocks(c *caddy.Controller) (blocks []*dnsserver.Config) {
	own := dnsserver.GetConfig(c)
	at := *c
	for at.ServerBlockIndex = 0; ; at.ServerBlockIndex++ {
		zones := zonesOf(at)
		if len(zones) == 0 {
			return blocks
		}
		for _, b := range zones {
			if listenTogether(own, b) {
				blocks = append(blocks, b)
			}
		}
	}
}

// zonesOf returns what there is for each zone of the server block of c.
func zonesOf(c caddy.Controller) (zones []*dnsserver.Config) {
	for c.ServerBlockKeyIndex = 0; ; c.ServerBlockKeyIndex++ {
		b := dnsserver.GetConfig(&c)
		if b.Zone == "" {
			return zones // it was not there
		}
		zones = append(zones, b)
	}
}

func listenTogether(a, b *dnsserver.Config) bool {
	return a.Transport == b.Transport && a.Port == b.Port &&
		slices.ContainsFunc(a.ListenHosts, func(h string) bool { return slices.Contains(b.ListenHosts, h) })
}
