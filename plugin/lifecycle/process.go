package lifecycle

import (
	"slices"
	"sync"
	"sync/atomic"

	"github.com/coredns-failover/failover/healthcheck"
)

// A Block is what one server block starts and stops; B is its own type.
type Block[B any] interface {
	comparable
	// Place returns where the block stands: its zones, its view, and the addresses
	// that it listens on.
	Place() (zones []string, view string, servers []string)
	// Start begins to check what the block needs. Before are the blocks of other
	// generations, first the one that is most likely the same before a reload: what
	// they know is taken over.
	Start(reg *healthcheck.Registry, before []B)
	// StartLookups begins to look up what the block needs, once everything that may be
	// asked has started.
	StartLookups(before []B)
	// Stop ends all that. What the block answers stays as it is: on a shutdown the
	// servers are stopped later.
	Stop(reg *healthcheck.Registry)
	// IsAsked reports whether all names have been looked up once, so that the Registry
	// knows of their addresses.
	IsAsked() bool
}

// A Process is what a reload does not end: the checkers, and who uses them.
type Process[B Block[B]] struct {
	registry *healthcheck.Registry
	ready    atomic.Bool

	mu     sync.Mutex // guards the following
	blocks []started[B]
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

// Start starts a block, after those of generations that are no more are stopped.
func (p *Process[B]) Start(gen *Generation, b B) {
	onRestartFailed(p.prune)
	p.prune()
	p.mu.Lock()
	defer p.mu.Unlock()
	b.Start(p.registry, p.beforeLocked(gen, b))
	p.blocks = append(p.blocks, started[B]{gen, b})
}

// StartLookups starts the lookups of a block that has started.
func (p *Process[B]) StartLookups(gen *Generation, b B) {
	p.mu.Lock()
	before := p.beforeLocked(gen, b)
	p.mu.Unlock()
	b.StartLookups(before)
}

// Stop stops a block, unless it is stopped.
func (p *Process[B]) Stop(b B) {
	p.mu.Lock()
	i := slices.IndexFunc(p.blocks, func(s started[B]) bool { return s.block == b })
	if i >= 0 {
		p.blocks = slices.Delete(p.blocks, i, i+1)
	}
	p.mu.Unlock()
	if i >= 0 {
		b.Stop(p.registry)
	}
}

// prune stops the blocks of generations that are no more. A reload that failed
// leaves such, because nobody runs the shutdown hooks of what never served.
func (p *Process[B]) prune() {
	p.mu.Lock()
	dead := slices.DeleteFunc(slices.Clone(p.blocks), func(s started[B]) bool { return s.gen.Alive() })
	p.mu.Unlock()
	for _, s := range dead {
		p.Stop(s.block)
	}
}

// Blocks returns the blocks that have started, in that order.
func (p *Process[B]) Blocks() []B {
	p.mu.Lock()
	defer p.mu.Unlock()
	blocks := make([]B, len(p.blocks))
	for i, s := range p.blocks {
		blocks[i] = s.block
	}
	return blocks
}

// Ready reports whether all is known that the blocks need, once b has started. It
// speaks for the process, because the ready plugin asks only the last server block,
// and never takes back a true.
func (p *Process[B]) Ready(b B) bool {
	if !p.ready.Load() && p.isAsked(b) && p.registry.Ready() {
		p.ready.Store(true)
	}
	return p.ready.Load()
}

func (p *Process[B]) isAsked(b B) bool {
	blocks := p.Blocks()
	return slices.Contains(blocks, b) && !slices.ContainsFunc(blocks, func(b B) bool { return !b.IsAsked() })
}
