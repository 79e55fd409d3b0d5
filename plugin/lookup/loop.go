package lookup

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// maxChain is the longest chain of CNAMEs, and the deepest nesting of lookups.
const maxChain = 16

var errTooLong = fmt.Errorf("more than %d CNAMEs one after the other", maxChain)

// A loopError is the error of a name that leads back to itself.
type loopError struct{ Path []string }

func (e *loopError) Error() string { return "it leads back to itself: " + strings.Join(e.Path, " -> ") }

// A step is one of several nested lookups. Plugins that look up further names pass the
// context on.
type step struct {
	asker  any // it may look up a name and type only once
	name   string
	qtype  uint16
	before *step
}

type stepKey struct{}

// enter returns a context for a lookup by asker, and an error if ctx is nested in the
// same lookup.
func enter(ctx context.Context, asker any, name string, qtype uint16) (context.Context, error) {
	last, _ := ctx.Value(stepKey{}).(*step)
	path, n := []string{name}, 0
	for s := last; s != nil; s = s.before {
		if s.asker != asker {
			continue
		}
		path = append(path, s.name)
		if s.name == name && s.qtype == qtype {
			slices.Reverse(path)
			return ctx, &loopError{path}
		}
		if n++; n > maxChain {
			return ctx, errTooLong
		}
	}
	return context.WithValue(ctx, stepKey{}, &step{asker, name, qtype, last}), nil
}

// Enter returns a context for the lookups that asker makes for name, and false if ctx is
// that of such a lookup.
func Enter(ctx context.Context, asker any, name string) (context.Context, bool) {
	ctx, err := enter(ctx, asker, name, 0)
	return ctx, err == nil
}

// isAwaited reports whether ctx is nested in a lookup of a replyCache, for which others may
// wait.
func isAwaited(ctx context.Context) bool {
	for s, _ := ctx.Value(stepKey{}).(*step); s != nil; s = s.before {
		if _, ok := s.asker.(*replyCache); ok {
			return true
		}
	}
	return false
}
