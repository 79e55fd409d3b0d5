package coredns

import (
	"slices"
	"sync"

	"github.com/coredns/coredns/core/dnsserver"
	"github.com/coredns/coredns/plugin"
)

// clientPlugins are the plugins that judge, count or rewrite for clients, in the
// reverse of CoreDNS's order (plugin.cfg): acl is the last of them. The others
// say where lookups begin in a server that was built without acl.
var clientPlugins = []string{
	"acl", "autopath", "rewrite", "tsig", "loadbalance", "chaos", "any", "siit", "dns64", "local",
	"dnstap", "log", "errors", "prometheus", "shed", "trace", "bufsize", "nsid", "cancel", "geoip", "metadata",
}

// Entry returns where lookups enter the chain of a server block: at the first of
// handlers whose directive stands behind acl in [dnsserver.Directives]. What
// handlers returns is in that order, and final at the first call of Entry's
// result. That is nil if there is no such handler. It would end with a property of
// plugins that says whether they are there for clients.
func Entry(handlers func() []plugin.Handler) func() plugin.Handler {
	return sync.OnceValue(func() plugin.Handler {
		begin := behindClientPlugins(dnsserver.Directives)
		for _, h := range handlers() {
			if slices.Index(dnsserver.Directives, h.Name()) >= begin {
				return h
			}
		}
		return nil
	})
}

// behindClientPlugins returns the index of the first of directives where lookups
// may enter.
func behindClientPlugins(directives []string) int {
	for _, name := range clientPlugins {
		if i := slices.Index(directives, name); i >= 0 {
			return i + 1
		}
	}
	return 0
}
