package chain

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/coredns-failover/failover/plugin/pool"
)

type enteredKey struct{}

// Enter notes in a context that what follows is done for a name. It returns
// false if it is done for that name already: then it leads back to itself.
func Enter(ctx context.Context, name string) (context.Context, bool) {
	entered, _ := ctx.Value(enteredKey{}).([]string)
	if slices.Contains(entered, name) {
		return ctx, false
	}
	return context.WithValue(ctx, enteredKey{}, append(slices.Clip(entered), name)), true
}

type traceKey struct{}

// A trace is which records one lookup came by.
type trace struct {
	mu      sync.Mutex // guards the following
	records []string
}

// Touch notes, in the context of a lookup, that it came by a record.
func Touch(ctx context.Context, record string) {
	if t, ok := ctx.Value(traceKey{}).(*trace); ok {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.records = append(t.records, record)
	}
}

// A graph knows which records the addresses of others come from.
type graph struct {
	mu sync.Mutex                     // guards the following
	of map[string]map[string][]string // by record and the name that it has looked up
}

// guard returns an Asker for the addresses of some records that fails if these
// come from one of the records itself.
func (g *graph) guard(ask Asker, records []string) Asker {
	return func(ctx context.Context, name string, qtype uint16) (*pool.Reply, error) {
		t := new(trace)
		r, err := ask(context.WithValue(ctx, traceKey{}, t), name, qtype)
		t.mu.Lock()
		defer t.mu.Unlock()
		if back := g.leadsBack(records, name, t.records); back != "" {
			return nil, fmt.Errorf("it leads back to the record %s", back)
		}
		return r, err
	}
}

// leadsBack notes where the addresses of some records, looked up as name, come
// from, and returns the one of these that they come from itself, or "".
func (g *graph) leadsBack(records []string, name string, from []string) string {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.of == nil {
		g.of = make(map[string]map[string][]string)
	}
	for _, r := range records {
		if g.of[r] == nil {
			g.of[r] = make(map[string][]string)
		}
		g.of[r][name] = from
	}
	reached := make(map[string]bool)
	g.reachLocked(from, reached)
	for _, r := range records {
		if reached[r] {
			return r
		}
	}
	return ""
}

func (g *graph) reachLocked(from []string, reached map[string]bool) {
	for _, r := range from {
		if !reached[r] {
			reached[r] = true
			for _, further := range g.of[r] {
				g.reachLocked(further, reached)
			}
		}
	}
}
