package chain

import (
	"context"

	"github.com/coredns/coredns/core/dnsserver"
	"github.com/coredns/coredns/plugin"
	clog "github.com/coredns/coredns/plugin/pkg/log"

	"github.com/miekg/dns"
)

// Server returns a stand-in, for lookups outside of a query, for the server that
// listens for blocks: plugins look up the targets of their aliases by way of it.
// It listens nowhere. addr is the address that metrics are about.
func Server(addr string, blocks ...*dnsserver.Config) *dnsserver.Server {
	configs := make([]*dnsserver.Config, len(blocks))
	for i, b := range blocks {
		configs[i] = &dnsserver.Config{
			Zone:        b.Zone,
			FilterFuncs: b.FilterFuncs,
			ViewName:    b.ViewName,
			Debug:       clog.D.Value(), // a new server sets it for all
			Plugin:      []plugin.Plugin{func(plugin.Handler) plugin.Handler { return whole(b.Handlers) }},
		}
	}
	s, err := dnsserver.NewServer(addr, configs)
	if err != nil {
		return nil // as of today it never fails
	}
	return s
}

// whole returns the chain that begins with the first of handlers.
func whole(handlers func() []plugin.Handler) plugin.Handler {
	return plugin.HandlerFunc(func(ctx context.Context, w dns.ResponseWriter, r *dns.Msg) (int, error) {
		return plugin.NextOrFailure("failover", firstOf(handlers), ctx, w, r)
	})
}

// firstOf returns the first of handlers, or nil.
func firstOf(handlers func() []plugin.Handler) plugin.Handler {
	for _, h := range handlers() {
		return h
	}
	return nil
}
