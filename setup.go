package failover

import (
	"time"

	"github.com/coredns/caddy"
	"github.com/coredns/coredns/core/dnsserver"
	"github.com/coredns/coredns/plugin"
	clog "github.com/coredns/coredns/plugin/pkg/log"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/plugin/admin"
	"github.com/coredns-failover/failover/plugin/coredns"
	"github.com/coredns-failover/failover/plugin/corefile"
	"github.com/coredns-failover/failover/plugin/event"
	"github.com/coredns-failover/failover/plugin/lifecycle"
	"github.com/coredns-failover/failover/plugin/metrics"
	"github.com/coredns-failover/failover/plugin/operate"
	"github.com/coredns-failover/failover/plugin/serve"
)

var log = clog.NewWithPlugin(name)

// These outlive a reload.
var (
	journal  = event.NewJournal()
	registry = healthcheck.NewRegistry(event.Hooks(metrics.Probed, metrics.Tell, journal.Tell, event.Log))
	process  = lifecycle.NewProcess[*serve.Block](registry)
	operator = operate.New(metrics.Version(), registry, process, journal, operate.Hooks{
		Told:        []event.Subscriber{journal.Tell, event.Log},
		Warn:        log.Warningf,
		Info:        log.Infof,
		StateFailed: metrics.StateFailed,
	})
)

func init() {
	plugin.Register(name, setup)
	metrics.Operated(operator.Overrides, operator.Heartbeats)
}

// setup reads the Corefile, and starts nothing: if the reload fails later, no hook would
// stop it.
func setup(c *caddy.Controller) error {
	gen := process.Begin(c)
	cfg, err := corefile.Parse(c)
	if err != nil {
		return plugin.Error(name, err)
	}
	zones := plugin.OriginsFromArgsOrServerBlock(nil, c.ServerBlockKeys)
	f, err := New(cfg, zones, uint32(time.Now().Unix())) // #nosec G115 -- a serial wraps
	if err != nil {
		return plugin.Error(name, err)
	}
	for _, z := range f.block.OutOfZone() {
		log.Warningf("ZONE %s is in no zone of the server block, %v: it gets no queries unless names are rewritten to it", z, zones)
	}
	f.gen = gen
	f.addHooks(coredns.WithoutTokens(c), cfg)
	return nil
}

// addHooks adds the hooks that start and stop f. Package lifecycle has the order in which
// Caddy calls them.
func (f *Failover) addHooks(c *caddy.Controller, cfg *corefile.Config) {
	c.OnStartup(func() error {
		f.block.Attach(c, f.gen.ServerBlocks(c).Around(dnsserver.GetConfig(c)))
		f.warn(cfg, dnsserver.GetConfig(c))
		if cfg.NeedsAuthorities() {
			f.readAuthorities()
		}
		if err := cfg.Global.Validate(); err != nil {
			return plugin.Error(name, err)
		}
		if err := f.gen.Open(func() (func(), error) { return operator.Open(operatedBy(cfg.Global)) }); err != nil {
			return plugin.Error(name, err)
		}
		process.Start(f.gen, f.block)
		return nil
	})
	c.OnShutdown(func() error {
		if !f.gen.Alive() { // else the process ends, and its servers still answer
			process.Stop(f.block)
		}
		return nil // with an error, Caddy would report a good reload as failed
	})
	coredns.AddPlugin(c, func(next plugin.Handler) plugin.Handler {
		f.Next = next
		return f
	}, coredns.Last{
		OnStartup:       func() { process.StartLookups(f.gen, f.block) },
		OnFinalShutdown: func() { process.Stop(f.block) },
	})
}

// operatedBy returns what a Corefile says of how the process is operated.
func operatedBy(g *corefile.Global) operate.Config {
	c := operate.Config{Heartbeats: g.Heartbeats()}
	if s := g.State; s != nil {
		c.State = &operate.StateConfig{Path: s.Path, MaxAge: s.MaxAge, Refuse: s.Refuse}
	}
	if a := g.API; a != nil {
		c.API = &admin.Config{Addr: a.Addr, Cert: a.Cert, Key: a.Key, ClientCA: a.ClientAuthority}
		for _, t := range a.Tokens {
			c.API.Tokens = append(c.API.Tokens, admin.Token{Secret: t.Secret, Role: admin.Role(t.Role), Heartbeat: t.Heartbeat})
		}
	}
	return c
}

func (f *Failover) readAuthorities() {
	if err := f.gen.ReadAuthorities(); err != nil {
		log.Warningf("Checks that verify certificates with the authorities of this system are inconclusive until there are some: %v", err)
	}
}

// warn logs what does not work with the other plugins of the server block.
func (f *Failover) warn(cfg *corefile.Config, block *dnsserver.Config) {
	has := func(plugin string) bool { return block.Handler(plugin) != nil }
	for _, block := range cfg.Empty {
		log.Warningf("A block without records, as after an import that matches no file: %s", block)
	}
	if len(cfg.Metadata) > 0 && !has("metadata") {
		log.Warningf("The metadata in prefer is empty, because the server block has no plugin metadata: %v", cfg.Metadata)
	}
	if names, zones := f.block.CacheBypass(); zones && has("forward") {
		log.Warningf("Too many records to bypass cache by name: it is bypassed for whole zones, and so for the answers of forward there: %v", names)
	}
	if names := f.block.ForSubnets(); len(names) > 0 && has("minimal") {
		log.Warningf("The plugin minimal removes EDNS options from answers: resolvers that send client subnets "+
			"give all clients the answer for one subnet, and no answer says that its record is degraded: %v", names)
	}
}
