package coredns

import (
	"errors"
	"strings"
)

// IsEndOfChain reports whether err, which may be wrapped, is the error with which
// plugin.NextOrFailure says that there is no next plugin. It is known by its text
// alone, and would end with an exported plugin.ErrNoNext.
func IsEndOfChain(err error) bool {
	for inner := err; inner != nil; inner = errors.Unwrap(inner) {
		err = inner
	}
	return strings.HasSuffix(err.Error(), "no next plugin found")
}
