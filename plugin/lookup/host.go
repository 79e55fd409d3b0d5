package lookup

import (
	"context"
	"errors"

	"github.com/coredns/coredns/core/dnsserver"
	"github.com/coredns/coredns/plugin"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/healthcheck/dnsreply"
	"github.com/coredns-failover/failover/plugin/pool"
)

// A host looks up host names.
type host struct {
	own      *Plugins
	resolver resolver
}

// Host returns an [Asker] for host names, which are absolute. It asks the chain
// of the server block, which begins with what first returns, and if nobody
// answers there, or with a referral only, the host's own resolver. What somebody
// answers there stands, be it that there is no such name.
//
// Plugins look up targets by way of server, as with [Next].
func Host(first func() plugin.Handler, server *dnsserver.Server) Asker {
	h := &host{resolver: resolver{dial: dnsreply.DialNameServer}}
	h.own = Next(first, h, server)
	return h
}

// Ask implements [Asker].
func (h *host) Ask(ctx context.Context, name string, qtype uint16) (*pool.Reply, error) {
	name = dns.Fqdn(name)
	r, err := h.own.Ask(ctx, name, qtype)
	if errors.Is(err, ErrNobody) || errors.Is(err, errReferral) {
		return h.resolver.Ask(ctx, name, qtype)
	}
	return r, err
}
