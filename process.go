package failover

import (
	"slices"
	"sync"
	"sync/atomic"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/plugin/chain"
	"github.com/coredns-failover/failover/plugin/metrics"
	"github.com/coredns-failover/failover/plugin/pool"

	"github.com/coredns/caddy"
)

// A generation is one run of the Corefile: what the server blocks of a
// caddy.Instance have in common. The instance keeps it, which tells whether the
// generation is still in use.
type generation struct{ _ byte }

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
// not among caddy's any more, whichever hooks of theirs were run.
func (g *generation) alive() bool {
	return slices.ContainsFunc(caddy.Instances(), func(i *caddy.Instance) bool {
		i.StorageMu.RLock()
		defer i.StorageMu.RUnlock()
		return i.Storage[generationKey{}] == g
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

// witnessBeforeLocked returns w as it is in another generation, or nil.
func (p *process) witnessBeforeLocked(gen *generation, w *chain.Witness) *chain.Witness {
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
	var pools *pool.Chain
	var names *chain.Names
	if prev != nil {
		pools, names = prev.Chain, prev.Names
	}
	if prev != nil && rec.Names == nil {
		rec.before = prev.PoolName(prev.View().Pool)
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
