package coredns

import (
	"sync"

	"github.com/coredns/caddy"
	"github.com/coredns/coredns/core/dnsserver"
	"github.com/coredns/coredns/plugin"
)

// Last are hooks that run after the hooks of all other plugins of a Corefile.
type Last struct {
	OnStartup       func() // all plugins have started
	OnFinalShutdown func() // the lameduck of health is over
}

// AddPlugin adds a plugin to the server block of c, and the hooks last, once. Caddy runs
// hooks in the order in which they were added. These are added when the servers are made,
// which is after the setup of every plugin. It would end with hooks of dnsserver.Config
// that run last.
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
