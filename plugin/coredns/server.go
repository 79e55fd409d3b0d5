package coredns

import (
	"context"

	"github.com/coredns/coredns/core/dnsserver"
	"github.com/coredns/coredns/plugin"
	clog "github.com/coredns/coredns/plugin/pkg/log"

	"github.com/miekg/dns"
)

// Server returns a stand-in for the server of blocks, for lookups by the plugin: other
// plugins look up the targets of CNAMEs through the server in the context. The stand-in
// does not listen. Its queries stay in the view of own and enter each block at its [Entry].
// addr is its address in metrics. It would end with a lookup in plugin/pkg/upstream that
// needs no server in its context and no client.
func Server(addr string, own *dnsserver.Config, blocks ...*dnsserver.Config) *dnsserver.Server {
	return newServer(addr, inView(own, blocks))
}

func newServer(addr string, in chosen) *dnsserver.Server {
	configs := make([]*dnsserver.Config, 0, len(in))
	for _, b := range in {
		configs = append(configs, &dnsserver.Config{
			Zone:     b.Zone,
			ViewName: b.ViewName,
			Debug:    clog.D.Value(), // a new server sets it for all
			Plugin:   []plugin.Plugin{func(plugin.Handler) plugin.Handler { return afterACL(b.Handlers) }},
		})
	}
	s, err := dnsserver.NewServer(addr, configs)
	if err != nil {
		return nil // as of today it never fails
	}
	return s
}

// afterACL returns a handler that passes queries to the [Entry] of a server block.
func afterACL(handlers func() []plugin.Handler) plugin.Handler {
	first := Entry(handlers)
	return plugin.HandlerFunc(func(ctx context.Context, w dns.ResponseWriter, r *dns.Msg) (int, error) {
		return plugin.NextOrFailure("failover", first(), ctx, w, r)
	})
}
