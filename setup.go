package failover

import (
	"context"
	"errors"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coredns/caddy"
	"github.com/coredns/coredns/core/dnsserver"
	"github.com/coredns/coredns/plugin"
	clog "github.com/coredns/coredns/plugin/pkg/log"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/healthcheck/probe"
	"github.com/coredns-failover/failover/plugin/content"
	"github.com/coredns-failover/failover/plugin/coredns"
	"github.com/coredns-failover/failover/plugin/corefile"
	"github.com/coredns-failover/failover/plugin/lookup"
	"github.com/coredns-failover/failover/plugin/metrics"
	"github.com/coredns-failover/failover/plugin/pool"
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
	f.block = coredns.Entry(dnsserver.GetConfig(c).Handlers)
	for _, z := range f.strangers() {
		log.Warningf("Nobody asks for %s here, unless names are rewritten to it: the server block is for %v", z, zones)
	}

	gen := generationOf(c)
	c.OnStartup(func() error {
		f.servers, f.view = listeners(c), dnsserver.GetConfig(c).ViewName
		f.keeper = lookup.NewKeeper(coredns.Zones(dnsserver.GetConfig(c).Handler("cache")))
		f.lookThrough(coredns.Blocks(c), dnsserver.GetConfig(c))
		f.content = content.New(f.wildcards(), dnsserver.GetConfig(c).Handlers(), f.names.SetContents)
		f.sign(coredns.Zones(dnsserver.GetConfig(c).Handler("dnssec")))
		f.learn()
		f.warn(cfg, dnsserver.GetConfig(c))
		if cfg.NeedsAuthorities() {
			gen.readAuthorities()
		}
		running.start(gen, f)
		return nil
	})
	c.OnShutdown(func() error {
		if !gen.alive() { // else the process ends, and the servers answer on
			running.stop(f)
		}
		return nil // an error here would make a reload that worked look failed
	})
	addLastHooks := sync.OnceFunc(func() { f.addLastHooks(c, gen) })
	dnsserver.GetConfig(c).AddPlugin(func(next plugin.Handler) plugin.Handler {
		f.Next = next
		addLastHooks()
		return f
	})
	return nil
}

// addLastHooks adds the hooks that run after those of all other plugins, as they
// do if they are added while the servers are made: lookups begin once everything
// that they may ask has started, and at the end of the process probes go on
// while health (health.OnFinalShutdown of CoreDNS) lets clients go.
func (f *Failover) addLastHooks(c *caddy.Controller, gen *generation) {
	c.OnStartup(func() error {
		f.content.Start(running.contentBefore(gen, f))
		f.feeds.Start(f.chains(), f.witnesses)
		return nil
	})
	c.OnFinalShutdown(func() error {
		running.stop(f)
		return nil
	})
}

// warn says what cannot work as it is meant with the other plugins of the server
// block.
func (f *Failover) warn(cfg *corefile.Config, block *dnsserver.Config) {
	has := func(plugin string) bool { return block.Handler(plugin) != nil }
	for _, block := range cfg.Empty {
		log.Warningf("A block without records, as an import of files that are not there leaves it: %s", block)
	}
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

// A generation is one run of the Corefile: what the server blocks of a
// caddy.Instance have in common. The instance keeps it, which tells whether the
// generation is still in use.
type generation struct{ authorities sync.Once }

type generationKey struct{}

func generationOf(c *caddy.Controller) *generation {
	if g, ok := c.Get(generationKey{}).(*generation); ok {
		return g
	}
	g := new(generation)
	c.Set(generationKey{}, g)
	return g
}

// alive reports whether g belongs to an instance that serves or starts. An
// instance that failed to start, and one whose servers a reload has stopped, are
// not among caddy's any more, whichever hooks of theirs were run. One whose
// process ends still is when its OnShutdown hooks run.
func (g *generation) alive() bool {
	return slices.ContainsFunc(caddy.Instances(), func(i *caddy.Instance) bool {
		i.StorageMu.RLock()
		defer i.StorageMu.RUnlock()
		return i.Storage[generationKey{}] == g
	})
}

// authorityWait is how long the start waits for the authorities of the system.
const authorityWait = time.Second

// readAuthorities reads the authorities of the system while there are descriptors
// for that, and says so once if there are none.
func (g *generation) readAuthorities() {
	g.authorities.Do(func() {
		ctx, cancel := context.WithTimeout(context.Background(), authorityWait)
		defer cancel()
		if err := probe.ReadAuthorities(ctx); err != nil {
			log.Warningf("Checks that verify certificates with the authorities of this system cannot be asked until there are some: %v", err)
		}
	})
}

// A process is what a reload does not end: the checkers, and who uses them.
type process struct {
	registry *healthcheck.Registry
	ready    atomic.Bool

	mu     sync.Mutex // guards the following
	blocks []block
}

// A block is a started server block.
type block struct {
	gen *generation
	*Failover
}

var running = &process{registry: healthcheck.NewRegistry(healthcheck.Hooks{
	Probed:    probed,
	Changed:   logCheck,
	CannotAsk: logCannotAsk,
	Frozen:    freeze,
	Delayed:   delayed,
})}

// pruned marks instances that prune when a restart of theirs has failed.
type pruned struct{}

// pruneOnFailure lets every instance prune when its restart fails: also one
// without a block of ours, which may be restarted to one that has them.
func (p *process) pruneOnFailure() {
	for _, i := range caddy.Instances() {
		i.StorageMu.Lock()
		if i.Storage[pruned{}] == nil {
			i.Storage[pruned{}] = true
			i.OnRestartFailed = append(i.OnRestartFailed, func() error {
				p.prune()
				return nil
			})
		}
		i.StorageMu.Unlock()
	}
}

// start begins to check the endpoints of f, with the state that they have in the
// generation before.
func (p *process) start(gen *generation, f *Failover) {
	p.pruneOnFailure()
	p.prune()
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, w := range f.witnesses {
		w.Start(p.registry, p.witnessBeforeLocked(gen, w))
	}
	for _, rec := range f.records {
		rec.series = metrics.Open(rec.Record(), f.servers, f.view, gen)
		rec.start(p.registry, p.beforeLocked(gen, f, rec.Record().Name))
	}
	p.blocks = append(p.blocks, block{gen, f})
	f.started.Store(true)
}

// beforeLocked returns the record that has a name in another generation, or nil:
// in the server block that is most like f, the latest of these.
func (p *process) beforeLocked(gen *generation, f *Failover, name string) (before *record) {
	best := -1
	for _, b := range slices.Backward(p.blocks) {
		rec, _ := b.names.Find(name)
		if b.gen == gen || rec == nil || rec.Record().Name != name {
			continue
		}
		if l := b.likeness(f); l > best {
			best, before = l, rec
		}
	}
	return before
}

// contentBefore returns what the server block that is most like f in another
// generation knows of zones, or nil.
func (p *process) contentBefore(gen *generation, f *Failover) (before *content.Follower) {
	p.mu.Lock()
	defer p.mu.Unlock()
	best := -1
	for _, b := range slices.Backward(p.blocks) {
		if l := b.likeness(f); b.gen != gen && l > best {
			best, before = l, b.content
		}
	}
	return before
}

// witnessBeforeLocked returns w as it is in another generation, or nil.
func (p *process) witnessBeforeLocked(gen *generation, w *lookup.Witness) *lookup.Witness {
	for _, b := range slices.Backward(p.blocks) {
		if i := slices.IndexFunc(b.witnesses, w.Is); b.gen != gen && i >= 0 {
			return b.witnesses[i]
		}
	}
	return nil
}

// likeness tells how sure it is that a server block is the same as another
// before a reload.
func (f *Failover) likeness(other *Failover) (n int) {
	if slices.Equal(f.blockZones, other.blockZones) {
		n += 4
	}
	if f.view == other.view {
		n += 2
	}
	if slices.Equal(f.servers, other.servers) {
		n++
	}
	return n
}

// stop ends the checks that only f needs. What f answers stays as it is: on a
// shutdown the servers are stopped later.
func (p *process) stop(f *Failover) {
	p.mu.Lock()
	i := slices.IndexFunc(p.blocks, func(b block) bool { return b.Failover == f })
	if i >= 0 {
		p.blocks = slices.Delete(p.blocks, i, i+1)
	}
	p.mu.Unlock()
	if i < 0 {
		return
	}
	f.content.Stop()
	f.feeds.Stop()
	for _, w := range f.witnesses {
		w.Stop()
	}
	for _, rec := range f.records {
		rec.stop(p.registry)
	}
}

// start begins to check what a record needs, with what prev, which may be nil,
// knew before a reload.
func (rec *record) start(reg *healthcheck.Registry, prev *record) {
	var pools *pool.Tracker
	var names *lookup.Names
	if prev != nil {
		pools, names = prev.Tracker, prev.Names
	}
	if prev != nil && rec.Names == nil {
		rec.before = prev.PoolName(prev.View().Pool)
	}
	if prev != nil {
		rec.SOA.Inherit(prev.SOA)
	}
	rec.Start(reg, pools)
	if rec.Names != nil {
		rec.Names.Start(reg, names)
	}
}

func (rec *record) stop(reg *healthcheck.Registry) {
	if rec.Names != nil {
		rec.Names.Stop()
	}
	rec.Stop(reg)
	rec.series.Close()
}

// prune stops the blocks of generations that are no more. A reload that failed
// leaves such, because nobody runs the shutdown hooks of what never served.
func (p *process) prune() {
	p.mu.Lock()
	dead := slices.DeleteFunc(slices.Clone(p.blocks), func(b block) bool { return b.gen.alive() })
	p.mu.Unlock()
	for _, b := range dead {
		p.stop(b.Failover)
	}
}

// asked reports whether all names have been looked up once, so that the registry
// knows of their addresses.
func (p *process) asked() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return !slices.ContainsFunc(p.blocks, func(b block) bool { return !b.feeds.Asked() })
}

// Ready implements ready.Readiness. It speaks for the process, because the ready
// plugin asks only the last server block, and never takes back a true.
func (f *Failover) Ready() bool {
	if !running.ready.Load() && f.started.Load() && running.asked() && running.registry.Ready() {
		running.ready.Store(true)
	}
	return running.ready.Load()
}

func probed(key healthcheck.Key, r healthcheck.Result, took time.Duration, err error) {
	metrics.Probed(key, r, took)
	if p := (*healthcheck.PanicError)(nil); errors.As(err, &p) && panics.isNews(key.Spec.Check, time.Now()) {
		log.Errorf("check %s of %s: %v\n%s", key.Spec.Check, key.Addr, p, p.Stack)
	}
}

// panics are the checks that panicked, and when their stack was logged last: it
// is not, for every probe.
var panics panicLog

type panicLog struct {
	mu   sync.Mutex // guards the following
	last map[healthcheck.Check]time.Time
}

func (l *panicLog) isNews(c healthcheck.Check, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if last, ok := l.last[c]; ok && now.Sub(last) < time.Hour {
		return false
	}
	if l.last == nil {
		l.last = make(map[healthcheck.Check]time.Time)
	}
	l.last[c] = now
	return true
}

func logCheck(t healthcheck.Transition) {
	logf := log.Infof
	if t.To == healthcheck.Down {
		logf = log.Warningf
	}
	logf("check %s of %s: %s -> %s: %s", t.Key.Spec.Check, t.Key.Addr, t.From, t.To, t.Reason)
}

func logCannotAsk(key healthcheck.Key, cause string) {
	log.Warningf("check %s of %s cannot be asked, and maybe others: %s", key.Spec.Check, key.Addr, cause)
}

// saidDelayed is set once it is in the log that probes wait: it may be true of
// every one from then on.
var saidDelayed atomic.Bool

func delayed(most int64) {
	metrics.ProbeDelayed()
	if !saidDelayed.Swap(true) {
		log.Warningf("Probes wait for their turn: %d open files of this process are for them, and more are due at a time. "+
			"Raise the limit of open files (ulimit -n, LimitNOFILE) or the intervals", most)
	}
}

func freeze(is bool) {
	metrics.Frozen(is)
	if is {
		log.Warning("No witness answers: this server is cut off, and changes no state until one does")
	} else {
		log.Info("Not cut off any more: endpoints are judged by results from now on")
	}
}

func logTrouble(name string, err error) {
	if p := (*lookup.PanicError)(nil); errors.As(err, &p) {
		log.Errorf("looking up %s: %v\n%s", name, p, p.Stack)
	} else if err != nil {
		log.Warningf("%s cannot be looked up, what is known of it stays: %v", name, err)
	} else {
		log.Infof("%s can be looked up again", name)
	}
}

// An observer puts what happens to a record into the log and the metrics. Of a
// record whose names are known from queries, it is told by these.
type observer struct{ *record }

// A baseObserver is told what happens to the pools of such a record apart from
// these names: nothing is answered from its views alone.
type baseObserver struct{ observer }

// ViewChanged implements pool.Observer.
func (baseObserver) ViewChanged(_, _ *pool.View, _ string) {}

// EndpointChanged implements pool.Observer.
func (o observer) EndpointChanged(p int, endpoint string, s healthcheck.State) {
	o.series.Endpoint(p, endpoint, s)
}

// EndpointGone implements pool.Observer.
func (o observer) EndpointGone(p int, endpoint string) { o.series.Gone(p, endpoint) }

// ViewChanged implements pool.Observer.
func (o observer) ViewChanged(from, to *pool.View, reason string) {
	o.series.View(to)
	was, is := o.before, o.PoolName(to.Pool)
	if from != nil {
		was = o.PoolName(from.Pool)
	} else {
		reason = "the Corefile was reloaded"
	}
	if was != "" && was != is {
		o.changePool(was, is, to.State, reason)
	}
	switch was := from != nil && from.State == pool.Degraded; {
	case to.State == pool.Degraded && (!was || from.Pool != to.Pool):
		log.Warningf("%s is degraded: %s", o.Record().Name, to.Why)
	case to.State != pool.Degraded && was:
		log.Infof("%s is no longer degraded", o.Record().Name)
	}
}

func (o observer) changePool(was, is string, state pool.State, reason string) {
	o.series.Transition(was, is)
	logf := log.Infof
	if state != pool.OK {
		logf = log.Warningf
	}
	logf("%s: %s -> %s: %s", o.Record().Name, was, is, reason)
}
