package lookup

import (
	"context"
	"strings"
	"sync"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/plugin/pool"
)

// A graph holds which names depend on which others. A record depends on the host names
// in its pools, and a name that is looked up on the records that the lookup reaches.
// The zero graph is empty.
type graph struct {
	mu    sync.Mutex                     // guards the following
	edges map[string]map[string][]string // by name and by cause, see set
}

// set replaces the names on which name depends for a cause, such as its lookups of one
// type. If name now depends on itself through them, set returns the path from name to
// name.
func (g *graph) set(name, cause string, on []string) (loop []string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(on) == 0 {
		g.clearLocked(name, cause)
		return nil
	}
	if g.edges == nil {
		g.edges = make(map[string]map[string][]string)
	}
	if g.edges[name] == nil {
		g.edges[name] = make(map[string][]string)
	}
	g.edges[name][cause] = on
	seen := make(map[string]bool)
	for _, n := range on {
		if path := g.pathLocked(n, name, seen); path != nil {
			return append([]string{name}, path...)
		}
	}
	return nil
}

// clearLocked keeps nothing of names that depend on no others: most of them do not.
func (g *graph) clearLocked(name, cause string) {
	if delete(g.edges[name], cause); len(g.edges[name]) == 0 {
		delete(g.edges, name)
	}
}

// pathLocked returns the path from one name to another, both included, or nil.
func (g *graph) pathLocked(from, to string, seen map[string]bool) []string {
	if from == to {
		return []string{to}
	}
	if seen[from] {
		return nil
	}
	seen[from] = true
	for _, on := range g.edges[from] {
		for _, n := range on {
			if path := g.pathLocked(n, to, seen); path != nil {
				return append([]string{from}, path...)
			}
		}
	}
	return nil
}

// hostNode returns the name of a host name in a graph. It differs from that of a
// record with the same name.
func hostNode(name string) string { return "host " + name }

// watch returns a resolver that makes the lookups of resolver and enters into g on
// which records the reply depends. node returns the name in g for a looked-up name; nil
// means the same name. Lookups of a name that depends on itself fail with a loopError.
func (g *graph) watch(resolver resolver, node func(name string) string) resolver {
	return resolverFunc(func(ctx context.Context, name string, qtype uint16) (*pool.Reply, error) {
		var t Trace
		r, err := resolver.Lookup(withTrace(ctx, &t), name, qtype)
		on := append(t.records(), targets(r)...)
		n := strings.ToLower(name)
		if node != nil {
			n = node(n)
		}
		if loop := g.set(n, dns.TypeToString[qtype], on); loop != nil {
			return nil, &loopError{loop}
		}
		return r, err
	})
}

// targets returns the targets of the CNAMEs in r, which may be nil.
func targets(r *pool.Reply) (names []string) {
	if r == nil {
		return nil
	}
	rrs := r.CNAMEs
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
