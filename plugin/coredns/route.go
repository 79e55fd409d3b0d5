package coredns

import (
	"context"
	"slices"
	"strings"

	"github.com/coredns/coredns/core/dnsserver"
	"github.com/coredns/coredns/request"

	"github.com/miekg/dns"
)

// Listens reports whether a server block listens on a server, an address as [Listeners]
// returns it.
func (b *Blocks) Listens(server string) bool {
	return slices.ContainsFunc(b.all, func(c *dnsserver.Config) bool { return listensOn(c, server) })
}

func listensOn(c *dnsserver.Config, server string) bool {
	return slices.ContainsFunc(c.ListenHosts, func(host string) bool {
		return c.Transport+"://"+listenAddr(host, c.Port) == server
	})
}

// Route returns the server block to which a query at a server goes, and ctx as its plugins
// get it; nil if there is none. With a view, that view gets the query whatever client it
// is for. Route does what dnsserver.Server.ServeDNS does, and would end with a method of
// that server that picks the block.
func (b *Blocks) Route(ctx context.Context, server string, view *string, state request.Request) (*dnsserver.Config, context.Context) {
	at := slices.DeleteFunc(slices.Clone(b.all), func(c *dnsserver.Config) bool { return !listensOn(c, server) })
	var found *dnsserver.Config
	inFound := ctx
	for zone := range enclosing(strings.ToLower(state.Req.Question[0].Name)) {
		for _, c := range at {
			if c.Zone != zone {
				continue
			}
			if m, ok := c.Handler("metadata").(dnsserver.MetadataCollector); ok {
				ctx = m.Collect(ctx, state)
			}
			if !takes(ctx, c, view, &state) {
				continue
			}
			found, inFound = c, context.WithValue(ctx, dnsserver.ViewKey{}, c.ViewName)
			if state.Req.Question[0].Qtype != dns.TypeDS { // that goes to the parent
				return found, inFound
			}
		}
	}
	return found, inFound
}

// takes reports whether a server block takes a query for one of its zones.
func takes(ctx context.Context, c *dnsserver.Config, view *string, state *request.Request) bool {
	if view != nil {
		return c.ViewName == *view
	}
	return !slices.ContainsFunc(c.FilterFuncs, func(f dnsserver.FilterFunc) bool { return !f(ctx, state) })
}

// enclosing ranges over a name and all names above it, the longest first.
func enclosing(name string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for i, end := 0, name == "."; !end; i, end = dns.NextLabel(name, i) {
			if !yield(name[i:]) {
				return
			}
		}
		yield(".")
	}
}
