package lookup

import (
	"context"
	"maps"
	"slices"
	"sync"
)

// A Trace collects the records that a lookup reaches.
type Trace struct {
	mu      sync.Mutex // guards the following
	reached map[string]struct{}
}

type traceKey struct{}

// withTrace returns a context for a lookup that t traces.
func withTrace(ctx context.Context, t *Trace) context.Context {
	return context.WithValue(ctx, traceKey{}, t)
}

// TraceOf returns the Trace of a lookup, or nil in a client's query.
func TraceOf(ctx context.Context) *Trace {
	t, _ := ctx.Value(traceKey{}).(*Trace)
	return t
}

// Add adds a record that the lookup has reached, unless t is nil.
func (t *Trace) Add(record string) {
	if t == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.reached == nil {
		t.reached = make(map[string]struct{})
	}
	t.reached[record] = struct{}{}
}

// records returns the records, in alphabetical order.
func (t *Trace) records() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Sorted(maps.Keys(t.reached))
}
