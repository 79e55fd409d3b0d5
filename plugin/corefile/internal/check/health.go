package check

import (
	"slices"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/plugin/corefile/internal/syntax"
)

// Health is how a block, a record or a pool checks its endpoints.
type Health struct {
	checks  []*check
	require requirement
}

// A requirement is how many checks an endpoint must pass.
type requirement struct {
	at syntax.Line
	n  int // 0 is all
}

// Properties are the properties that set a Health.
var Properties = syntax.Properties[*Health]{
	"check": {
		Usage: "check TYPE [ARG...] [{...}]", Min: 1, Max: syntax.Many, Repeatable: true, Braces: true, Text: true,
		Read: (*Health).readCheck,
	},
	"require": {Usage: "require all|any|N", Min: 1, Max: 1, Read: (*Health).readRequire},
}

// Inherit returns h with what it inherits from the level above. A Health with checks of
// its own inherits nothing.
func (h Health) Inherit(above Health) Health {
	if len(h.checks) > 0 {
		return h
	}
	if h.require.at.IsSet() {
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

// Validate returns an error if h has checks, but fewer than it requires. Call it for every
// Health, because no pool may use it.
func (h *Health) Validate() error {
	if len(h.checks) == 0 {
		return nil
	}
	_, err := h.Required()
	return err
}

// Required returns how many checks an endpoint must pass.
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

// Empty reports whether h has no checks.
func (h *Health) Empty() bool { return len(h.checks) == 0 }

// None reports whether h is check none. h must have checks.
func (h *Health) None() bool { return h.checks[0].typ == "none" }

// Keys returns the keys of the checkers for s. Equal keys are shared: they must not be changed.
func (h *Health) Keys(s Subject) ([]healthcheck.Key, error) {
	keys := make([]healthcheck.Key, 0, len(h.checks))
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
	latest := &h.checks[0].latest
	if !slices.Equal(keys, *latest) {
		*latest = keys
	}
	return *latest, nil
}
