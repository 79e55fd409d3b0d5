package coredns

import (
	"slices"
	"sync"

	"github.com/coredns/coredns/core/dnsserver"
	"github.com/coredns/coredns/plugin"
)

// clientPlugins are the plugins that filter, count or rewrite queries of clients, in the
// reverse of CoreDNS's order (plugin.cfg). acl is the last of them; the others matter in
// servers that are built without acl.
var clientPlugins = []string{
	"acl", "autopath", "rewrite", "tsig", "loadbalance", "chaos", "any", "siit", "dns64", "local",
	"dnstap", "log", "errors", "prometheus", "shed", "trace", "bufsize", "nsid", "cancel", "geoip", "metadata",
}

// Entry returns a function that returns where lookups enter the chain of a server block: the
// first handler whose directive is after acl in [dnsserver.Directives], or nil. handlers
// returns the handlers in that order; it is called once, at the first call of the function.
// Entry would end with a property of plugins that says whether they are for clients.
func Entry(handlers func() []plugin.Handler) func() plugin.Handler {
	return sync.OnceValue(func() plugin.Handler {
		begin := afterClientPlugins(dnsserver.Directives)
		for _, h := range handlers() {
			if slices.Index(dnsserver.Directives, h.Name()) >= begin {
				return h
			}
		}
		return nil
	})
}

// afterClientPlugins returns the index of the first directive after those of
// clientPlugins.
func afterClientPlugins(directives []string) int {
	for _, name := range clientPlugins {
		if i := slices.Index(directives, name); i >= 0 {
			return i + 1
		}
	}
	return 0
}
