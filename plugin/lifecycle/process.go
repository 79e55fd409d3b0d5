package lifecycle

import (
	"slices"
	"sync"
	"sync/atomic"

	"github.com/coredns/caddy"

	"github.com/coredns-failover/failover/healthcheck"
)

// A Block is the part of a server block that starts and stops; B is its own type.
type Block[B any] interface {
	comparable
	// Place returns the zones and the view of the block, and the addresses that it
	// listens on.
	Place() (zones []string, view string, servers []string)
	// Keys returns the keys by which a block is found after a reload, such as the names
	// of its records.
	Keys() []string
	// Start starts the checks of the block. before returns the blocks of other generations
	// that have a key, most like this one first: Start takes over their states.
	Start(reg *healthcheck.Registry, before func(key string) []B)
	// StartLookups starts the lookups of the block. It is called once all plugins, which
	// may answer them, have started.
	StartLookups(reg *healthcheck.Registry, before func(key string) []B)
	// Stop ends checks and lookups. The block goes on answering as it did last: on a
	// shutdown the servers are stopped later.
	Stop(reg *healthcheck.Registry)
	// LookedUp reports whether all names have been looked up once, so that the Registry
	// knows of their addresses.
	LookedUp() bool
}

// A Process has what outlives a reload: the checkers, and the blocks that use them.
type Process[B Block[B]] struct {
	registry *healthcheck.Registry
	ready    atomic.Bool
	heap     heapGuard

	mu     sync.Mutex // guards the following
	blocks []started[B]
	byKey  map[string][]started[B] // the blocks before the latest generation, by their keys
}

// A started server block.
type started[B any] struct {
	gen   *Generation
	block B
}

// NewProcess returns a Process whose checkers are those of reg.
func NewProcess[B Block[B]](reg *healthcheck.Registry) *Process[B] {
	return &Process[B]{registry: reg}
}

// Begin returns the Generation of c. Setup calls it before it reads the Corefile.
func (p *Process[B]) Begin(c *caddy.Controller) *Generation {
	gen := GenerationOf(c)
	gen.noticed.Do(func() { p.heap.begin(len(p.Blocks()) > 0) })
	return gen
}

// Start starts a block. The first one of a generation stops the blocks of generations that
// are no longer alive.
func (p *Process[B]) Start(gen *Generation, b B) {
	gen.begun.Do(func() {
		onRestartFailed(p.prune)
		p.prune()
		p.index()
	})
	p.mu.Lock()
	defer p.mu.Unlock()
	b.Start(p.registry, func(key string) []B { return p.beforeLocked(gen, b, key) })
	p.blocks = append(p.blocks, started[B]{gen, b})
}

// index lets the blocks that have started be found by their keys, until they are stopped.
// A new generation calls it: while there is no reload, nobody looks for a block.
func (p *Process[B]) index() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.byKey = make(map[string][]started[B])
	for _, s := range p.blocks {
		for _, key := range s.block.Keys() {
			p.byKey[key] = append(p.byKey[key], s)
		}
	}
}

// removeLocked returns the generation of b, or nil if b is not there.
func (p *Process[B]) removeLocked(b B) *Generation {
	of := func(s started[B]) bool { return s.block == b }
	i := slices.IndexFunc(p.blocks, of)
	if i < 0 {
		return nil
	}
	gen := p.blocks[i].gen
	p.blocks = slices.Delete(p.blocks, i, i+1)
	for _, key := range b.Keys() {
		if left := slices.DeleteFunc(p.byKey[key], of); len(left) > 0 {
			p.byKey[key] = left
		} else {
			delete(p.byKey, key)
		}
	}
	if len(p.byKey) == 0 {
		p.byKey = nil // a map does not shrink
	}
	return gen
}

// StartLookups starts the lookups of a block that has started.
func (p *Process[B]) StartLookups(gen *Generation, b B) {
	defer p.heap.settle()
	b.StartLookups(p.registry, func(key string) []B {
		p.mu.Lock()
		defer p.mu.Unlock()
		return p.beforeLocked(gen, b, key)
	})
}

// Stop stops a block, unless it has been stopped.
func (p *Process[B]) Stop(b B) {
	p.mu.Lock()
	gen := p.removeLocked(b)
	last := gen != nil && !slices.ContainsFunc(p.blocks, func(s started[B]) bool { return s.gen == gen })
	p.mu.Unlock()
	if gen != nil {
		b.Stop(p.registry)
		p.heap.settle()
	}
	if last && gen.close != nil {
		gen.close()
	}
}

// prune stops the blocks of generations that are no longer alive. A failed reload leaves
// such blocks, as caddy does not run the OnShutdown hooks of an instance that never served.
func (p *Process[B]) prune() {
	alive := make(map[*Generation]bool)
	var dead []B
	p.mu.Lock()
	for _, s := range p.blocks {
		on, known := alive[s.gen]
		if !known {
			on = s.gen.Alive()
			alive[s.gen] = on
		}
		if !on {
			dead = append(dead, s.block)
		}
	}
	p.mu.Unlock()
	for _, b := range dead {
		p.Stop(b)
	}
}

// Blocks returns the blocks that have started, in the order of their starts.
func (p *Process[B]) Blocks() []B {
	p.mu.Lock()
	defer p.mu.Unlock()
	blocks := make([]B, len(p.blocks))
	for i, s := range p.blocks {
		blocks[i] = s.block
	}
	return blocks
}

// Latest returns the blocks of the generation that started last: during a reload that is
// the new one.
func (p *Process[B]) Latest() (blocks []B) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, s := range p.blocks {
		if s.gen == p.blocks[len(p.blocks)-1].gen {
			blocks = append(blocks, s.block)
		}
	}
	return blocks
}

// AllReady is Ready for the blocks of the latest generation.
func (p *Process[B]) AllReady() bool {
	blocks := p.Latest()
	return len(blocks) > 0 && p.Ready(blocks[len(blocks)-1])
}

// Ready reports whether b has started and all lookups and checks of the process have first
// results. It is about the whole process, because the ready plugin asks only the last server
// block. Once true, it stays true.
func (p *Process[B]) Ready(b B) bool {
	if !p.ready.Load() && p.lookedUp(b) && p.registry.Ready() {
		p.ready.Store(true)
	}
	return p.ready.Load()
}

func (p *Process[B]) lookedUp(b B) bool {
	blocks := p.Blocks()
	return slices.Contains(blocks, b) && !slices.ContainsFunc(blocks, func(b B) bool { return !b.LookedUp() })
}
