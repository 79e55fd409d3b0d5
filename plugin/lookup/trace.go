package lookup

import (
	"context"
	"maps"
	"slices"
	"sync"
)

// A Trace is which records a lookup has reached.
type Trace struct {
	mu      sync.Mutex // guards the following
	touched map[string]struct{}
}

type traceKey struct{}

// WithTrace returns a context for a lookup that leaves its trace in t.
func WithTrace(ctx context.Context, t *Trace) context.Context {
	return context.WithValue(ctx, traceKey{}, t)
}

// TraceOf returns the Trace of a lookup. It is nil in a client's query.
func TraceOf(ctx context.Context) *Trace {
	t, _ := ctx.Value(traceKey{}).(*Trace)
	return t
}

// Add notes that the lookup has reached a record, unless t is nil.
func (t *Trace) Add(record string) {
	if t == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.touched == nil {
		t.touched = make(map[string]struct{})
	}
	t.touched[record] = struct{}{}
}

// Records returns the records, in alphabetical order.
func (t *Trace) Records() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Sorted(maps.Keys(t.touched))
}
