package lookup

import (
	"context"
	"strings"
	"sync"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/plugin/pool"
)

// A Graph is which names depend on which others: a record on the host names in
// its pools, and a name that is looked up on the records that this reaches. The
// zero Graph is empty.
type Graph struct {
	mu    sync.Mutex                     // guards the following
	edges map[string]map[string][]string // by name and by what of it depends
}

// Set says on which names another depends because of what, such as one of its
// lookups, until the same is said anew. If it now depends on itself because of
// that, Set returns the way from name to name.
func (g *Graph) Set(name, what string, on []string) (loop []string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.edges == nil {
		g.edges = make(map[string]map[string][]string)
	}
	if g.edges[name] == nil {
		g.edges[name] = make(map[string][]string)
	}
	if g.edges[name][what] = on; len(on) == 0 {
		delete(g.edges[name], what)
	}
	seen := make(map[string]bool)
	for _, n := range on {
		if way := g.pathLocked(n, name, seen); way != nil {
			return append([]string{name}, way...)
		}
	}
	return nil
}

// pathLocked returns the way from one name to another, both included.
func (g *Graph) pathLocked(from, to string, seen map[string]bool) []string {
	if from == to {
		return []string{to}
	}
	if seen[from] {
		return nil
	}
	seen[from] = true
	for _, on := range g.edges[from] {
		for _, n := range on {
			if way := g.pathLocked(n, to, seen); way != nil {
				return append([]string{from}, way...)
			}
		}
	}
	return nil
}

// HostNode is the name of a host name in a [Graph], where a record can have that
// name as well.
func HostNode(name string) string { return "host " + name }

// Watch returns an [Resolver] that asks as ask does and notes in g on which records
// the answer depends, under what node makes of the name; nil leaves that as it
// is. The lookups of a name that depends on itself fail with a [LoopError].
func (g *Graph) Watch(ask Resolver, node func(name string) string) Resolver {
	return ResolverFunc(func(ctx context.Context, name string, qtype uint16) (*pool.Reply, error) {
		var t Trace
		r, err := ask.Lookup(WithTrace(ctx, &t), name, qtype)
		on := append(t.Records(), targets(r)...)
		n := strings.ToLower(name)
		if node != nil {
			n = node(n)
		}
		if loop := g.Set(n, dns.TypeToString[qtype], on); loop != nil {
			return nil, &LoopError{loop}
		}
		return r, err
	})
}

// targets returns the names to which the aliases in a reply lead, which may be
// nil.
func targets(r *pool.Reply) (names []string) {
	if r == nil {
		return nil
	}
	rrs := r.Aliases
	if r.Negative != nil {
		rrs = r.Negative.Answer
	}
	for _, rr := range rrs {
		if c, ok := rr.(*dns.CNAME); ok {
			names = append(names, strings.ToLower(c.Target))
		}
	}
	return names
}
