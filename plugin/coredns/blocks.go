package coredns

import (
	"slices"
	"strings"

	"github.com/coredns/caddy"
	"github.com/coredns/coredns/core/dnsserver"

	"github.com/coredns-failover/failover/plugin/zone"
)

// Blocks are the server blocks of a Corefile. A [Place] is made only once for all blocks
// that listen together, as there may be thousands.
type Blocks struct {
	all    []*dnsserver.Config
	places map[string]*Place
}

// NewBlocks returns the server blocks of the Corefile of c, once for each of their zones. It
// may be called from OnStartup on: before servers are made, dnsserver.GetConfig adds blocks
// that are not there. It would end with a function of dnsserver that returns the
// configurations of an instance.
func NewBlocks(c *caddy.Controller) *Blocks {
	b := &Blocks{places: make(map[string]*Place)}
	at := *c
	for at.ServerBlockIndex = 0; ; at.ServerBlockIndex++ {
		zones := zonesOf(at)
		if len(zones) == 0 {
			return b
		}
		b.all = append(b.all, zones...)
	}
}

// zonesOf returns the configurations of the server block of c, one for each zone.
func zonesOf(c caddy.Controller) (zones []*dnsserver.Config) {
	for c.ServerBlockKeyIndex = 0; ; c.ServerBlockKeyIndex++ {
		b := dnsserver.GetConfig(&c)
		if b.Zone == "" {
			return zones // it was not there
		}
		zones = append(zones, b)
	}
}

// Around returns the server blocks that listen where own does, with own: CoreDNS makes one
// server of them. It is not for concurrent use.
func (b *Blocks) Around(own *dnsserver.Config) *Place {
	key := strings.Join(append([]string{own.Transport, own.Port}, own.ListenHosts...), " ")
	if p, ok := b.places[key]; ok {
		return p
	}
	p := newPlace(b, slices.DeleteFunc(slices.Clone(b.all), func(o *dnsserver.Config) bool { return !listenTogether(own, o) }))
	b.places[key] = p
	return p
}

func listenTogether(a, b *dnsserver.Config) bool {
	return a.Transport == b.Transport && a.Port == b.Port &&
		slices.ContainsFunc(a.ListenHosts, func(h string) bool { return slices.Contains(b.ListenHosts, h) })
}

// A Place has the server blocks that listen on the same addresses.
type Place struct {
	*Blocks // of the whole Corefile
	blocks  []*dnsserver.Config
	zones   zone.Index
	servers map[string]*standIn // by view
}

// A standIn is a stand-in server for the lookups of a view.
type standIn struct {
	chosen chosen
	server *dnsserver.Server
}

func newPlace(all *Blocks, blocks []*dnsserver.Config) *Place {
	zones := make([]string, len(blocks))
	for i, b := range blocks {
		zones[i] = b.Zone
	}
	return &Place{Blocks: all, blocks: blocks, zones: zone.NewIndex(zones), servers: make(map[string]*standIn)}
}

// Zone returns the longest zone of the server blocks that a name is in, or "". The name is
// in lower case.
func (p *Place) Zone(name string) string { return p.zones.Match(name) }

// Server returns the stand-in for own that [Server] makes. Blocks whose lookups go to the
// same blocks share it.
func (p *Place) Server(addr string, own *dnsserver.Config) *dnsserver.Server {
	s := p.servers[own.ViewName]
	if s == nil || s.chosen[own.Zone] != own {
		in := inView(own, p.blocks)
		s = &standIn{in, newServer(addr, in)}
		p.servers[own.ViewName] = s
	}
	return s.server
}
