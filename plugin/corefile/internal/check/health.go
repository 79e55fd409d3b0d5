package check

import (
	"slices"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/plugin/corefile/internal/syntax"
)

// health is what one level says of how endpoints are checked.
type Health struct {
	checks  []*check
	require requirement
}

// A requirement is how many checks an endpoint must pass.
type requirement struct {
	at syntax.Line
	n  int // 0 is all
}

var Properties = syntax.Properties[*Health]{
	"check": {
		Usage: "check TYPE [ARG...] [{...}]", Min: 1, Max: syntax.Many, Repeatable: true, Braces: true, Text: true,
		Read: (*Health).readCheck,
	},
	"require": {Usage: "require all|any|N", Min: 1, Max: 1, Read: (*Health).readRequire},
}

// under returns what holds at a level that says h below one where above holds.
// Who writes a check inherits nothing.
func (h Health) Under(above Health) Health {
	if len(h.checks) > 0 {
		return h
	}
	if len(h.require.at.Words) > 0 {
		above.require = h.require
	}
	return above
}

func (h *Health) readRequire(l syntax.Line) error {
	h.require.at = l
	switch s := l.Words[1]; s {
	case "all":
	case "any":
		h.require.n = 1
	default:
		n, ok := syntax.Digits(s)
		if !ok || n < 1 {
			return l.Expected(s, "all, any or a number from 1 to the number of checks")
		}
		h.require.n = n
	}
	return nil
}

// validate refuses a requirement that the checks of its own level cannot meet,
// be it used by a pool or not.
func (h *Health) Validate() error {
	if len(h.checks) == 0 {
		return nil
	}
	_, err := h.Required()
	return err
}

// required is the number of checks that an endpoint must pass.
func (h *Health) Required() (int, error) {
	n := len(h.checks)
	if h.require.n == 0 {
		return n, nil
	}
	if l := h.require.at; h.require.n > n {
		return 0, l.Expected(l.Words[1], "%d at most, the number of checks", n)
	}
	return h.require.n, nil
}

// empty reports whether there is no check.
func (h *Health) Empty() bool { return len(h.checks) == 0 }

// none reports whether endpoints are up unasked.
func (h *Health) None() bool { return h.checks[0].typ == "none" }

// keys returns what is asked about the endpoint of s.
func (h *Health) Keys(s Subject) ([]healthcheck.Key, error) {
	var keys []healthcheck.Key
	for _, c := range h.checks {
		key, err := c.key(s)
		if err != nil {
			return nil, err
		}
		if slices.Contains(keys, key) {
			return nil, c.at.Errf("duplicate check %s: it asks endpoint %s the same as another", c.typ, s)
		}
		keys = append(keys, key)
	}
	return keys, nil
}
