package coredns

import (
	"sync"

	"github.com/coredns/caddy"
	"github.com/coredns/coredns/core/dnsserver"
	"github.com/coredns/coredns/plugin"
)

// Last are hooks that run after those of all other plugins of a Corefile.
type Last struct {
	OnStartup       func() // everything that can be asked has started
	OnFinalShutdown func() // health has let the clients go (its lameduck)
}

// AddPlugin adds a plugin to the server block of c, and last, once. Caddy runs hooks
// in the order in which they were added, so these are added when the servers are made,
// which is after the setup of every plugin. It would end with hooks of
// dnsserver.Config that run last.
func AddPlugin(c *caddy.Controller, p plugin.Plugin, last Last) {
	addHooks := sync.OnceFunc(func() {
		c.OnStartup(func() error {
			last.OnStartup()
			return nil
		})
		c.OnFinalShutdown(func() error {
			last.OnFinalShutdown()
			return nil
		})
	})
	dnsserver.GetConfig(c).AddPlugin(func(next plugin.Handler) plugin.Handler {
		addHooks()
		return p(next)
	})
}
