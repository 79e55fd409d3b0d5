package lookup

import (
	"context"
	"errors"
	"slices"
	"strings"
)

// maxChain is how many aliases lead to addresses at most, and how many lookups
// may be made because of another.
const maxChain = 16

var errTooLong = errors.New("too many aliases one after the other")

// A LoopError says that a name leads back to itself.
type LoopError struct{ Path []string }

func (e *LoopError) Error() string { return "it leads back to itself: " + strings.Join(e.Path, " -> ") }

// A step is one of the lookups that are under way because of each other. Those
// of plugins that look up further names carry the context on.
type step struct {
	asker  any // who asks; the same may ask for a name only once
	name   string
	qtype  uint16
	before *step
}

type stepKey struct{}

// enter returns a context for a lookup, and an error if that same lookup is under
// way already and has led here.
func enter(ctx context.Context, by any, name string, qtype uint16) (context.Context, error) {
	last, _ := ctx.Value(stepKey{}).(*step)
	path, n := []string{name}, 0
	for s := last; s != nil; s = s.before {
		if s.asker != by {
			continue
		}
		path = append(path, s.name)
		if s.name == name && s.qtype == qtype {
			slices.Reverse(path)
			return ctx, &LoopError{path}
		}
		if n++; n > maxChain {
			return ctx, errTooLong
		}
	}
	return context.WithValue(ctx, stepKey{}, &step{by, name, qtype, last}), nil
}

// Enter returns a context for what by looks up because of name, and false if that
// has led back to the same.
func Enter(ctx context.Context, by any, name string) (context.Context, bool) {
	ctx, err := enter(ctx, by, name, 0)
	return ctx, err == nil
}

// isAwaited reports whether somebody else may wait for the lookup of ctx to end.
func isAwaited(ctx context.Context) bool {
	for s, _ := ctx.Value(stepKey{}).(*step); s != nil; s = s.before {
		if _, ok := s.asker.(*Cache); ok {
			return true
		}
	}
	return false
}
