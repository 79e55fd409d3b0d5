package failover

import (
	"net"
	"slices"
	"sync"
	"time"

	"github.com/coredns-failover/failover/plugin/chain"
	"github.com/coredns-failover/failover/plugin/corefile"

	"github.com/coredns/caddy"
	"github.com/coredns/coredns/core/dnsserver"
	"github.com/coredns/coredns/plugin"
	clog "github.com/coredns/coredns/plugin/pkg/log"
)

var log = clog.NewWithPlugin(name)

func init() { plugin.Register(name, setup) }

// setup reads the Corefile and nothing else: what it makes may never be started,
// and then nobody undoes it.
func setup(c *caddy.Controller) error {
	cfg, err := corefile.Parse(c)
	if err != nil {
		return plugin.Error(name, err)
	}
	zones := plugin.OriginsFromArgsOrServerBlock(nil, c.ServerBlockKeys)
	f, err := New(cfg, zones, uint32(time.Now().Unix())) // #nosec G115 -- a serial wraps
	if err != nil {
		return plugin.Error(name, err)
	}
	f.handlers = dnsserver.GetConfig(c).Handlers
	for _, z := range f.strangers() {
		log.Warningf("Nobody asks for %s here, unless names are rewritten to it: the server block is for %v", z, zones)
	}

	gen := generationOf(c)
	c.OnStartup(func() error {
		f.servers, f.view = listeners(c), dnsserver.GetConfig(c).ViewName
		if dnsserver.GetConfig(c).Handler("cache") != nil {
			f.keeper = chain.NewKeeper()
		}
		f.feeds = chain.NewFeeds(f.behind, f.block, chain.Server(f.servers[0], chain.Blocks(c)...), logTrouble)
		f.warn(cfg, dnsserver.GetConfig(c))
		running.start(gen, f)
		return nil
	})
	c.OnShutdown(func() error {
		running.stop(f)
		return nil // an error here would make a reload that worked look failed
	})
	// Lookups begin once all plugins have started, as some must not be asked
	// before. Hooks that are added while the servers are made run last.
	lookUp := sync.OnceFunc(func() {
		c.OnStartup(func() error {
			f.feeds.Start(f.chains(), f.witnesses)
			return nil
		})
	})
	dnsserver.GetConfig(c).AddPlugin(func(next plugin.Handler) plugin.Handler {
		f.Next = next
		lookUp()
		return f
	})
	return nil
}

// warn says what cannot work as it is meant with the other plugins of the server
// block.
func (f *Failover) warn(cfg *corefile.Config, block *dnsserver.Config) {
	has := func(plugin string) bool { return block.Handler(plugin) != nil }
	if len(cfg.Metadata) > 0 && !has("metadata") {
		log.Warningf("Nobody gathers the metadata that prefer asks for, without the plugin metadata in the server block: %v", cfg.Metadata)
	}
	if f.bypassesZones && has("forward") {
		log.Warningf("So many records that cache is bypassed for whole zones, also for what forward answers there: %v", f.bypass)
	}
	if names := f.scoped(); len(names) > 0 && has("minimal") {
		log.Warningf("The plugin minimal takes the EDNS options out of answers: resolvers that send client subnets "+
			"will give to everybody what is for some clients alone, and nobody is told that a record is degraded: %v", names)
	}
}

// listeners returns the addresses that a server block listens on, as the label
// "server" has them in the metrics of CoreDNS (dnsserver.Server.Addr).
func listeners(c *caddy.Controller) []string {
	var servers []string
	for i := range max(1, len(c.ServerBlockKeys)) {
		key := *c
		key.ServerBlockKeyIndex = i
		cfg := dnsserver.GetConfig(&key)
		for _, host := range cfg.ListenHosts {
			addr := cfg.Transport + "://" + listenAddr(host, cfg.Port)
			if !slices.Contains(servers, addr) {
				servers = append(servers, addr)
			}
		}
	}
	return servers
}

func listenAddr(host, port string) string {
	hostport := net.JoinHostPort(host, port)
	if addr, err := net.ResolveTCPAddr("tcp", hostport); err == nil {
		return addr.String()
	}
	return hostport
}
