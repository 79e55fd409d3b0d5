package lookup

import (
	"context"
	"errors"

	"github.com/coredns/coredns/plugin"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/healthcheck/dnsreply"
	"github.com/coredns-failover/failover/plugin/pool"
)

// A host looks up host names: in the own server block; if no plugin answers there, or
// only with a referral, in the server block that serves the name; else with the
// resolver of this host. Any other answer is final, NXDOMAIN too.
type host struct {
	block     *plugins
	server    *plugins               // the other server blocks
	elsewhere func(name string) bool // reports whether one of them serves a name; nil means never
	resolver  hostResolver
}

// newHost returns a resolver for host names. first returns the first plugin of the
// server block.
func newHost(first func() plugin.Handler) *host {
	h := &host{resolver: hostResolver{dial: dnsreply.DialNameServer}}
	h.block = newPlugins(first, h, nil)
	h.server = newPlugins(func() plugin.Handler { return serverChain(h.server.server) }, h, nil)
	return h
}

// Lookup implements resolver.
func (h *host) Lookup(ctx context.Context, name string, qtype uint16) (*pool.Reply, error) {
	name = dns.Fqdn(name)
	r, err := h.block.Lookup(ctx, name, qtype)
	if isUnanswered(err) && h.elsewhere != nil && h.elsewhere(name) {
		r, err = h.askServer(ctx, name, qtype)
	}
	if isUnanswered(err) {
		return h.resolver.Lookup(ctx, name, qtype)
	}
	return r, err
}

// askServer looks up a name in the other server blocks. The server refuses if the view
// has none for the name.
func (h *host) askServer(ctx context.Context, name string, qtype uint16) (*pool.Reply, error) {
	r, err := h.server.Lookup(ctx, name, qtype)
	if e := (*rcodeError)(nil); errors.As(err, &e) && e.Rcode == dns.RcodeRefused {
		return nil, errUnanswered
	}
	return r, err
}

// isUnanswered reports whether another resolver must be tried.
func isUnanswered(err error) bool {
	return errors.Is(err, errUnanswered) || errors.Is(err, errReferral)
}
