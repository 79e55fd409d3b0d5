package corefile

import (
	"slices"

	"github.com/coredns-failover/failover/healthcheck"
)

// health is what one level says of how endpoints are checked.
type health struct {
	checks  []*check
	require requirement
}

// A requirement is how many checks an endpoint must pass.
type requirement struct {
	at line
	n  int // 0 is all
}

var healthProperties = properties[*health]{
	"check": {
		usage: "check TYPE [ARG...] [{...}]", min: 1, max: many, repeatable: true, braces: true, text: true,
		read: (*health).readCheck,
	},
	"require": {usage: "require all|any|N", min: 1, max: 1, read: (*health).readRequire},
}

// under returns what holds at a level that says h below one where above holds.
// Who writes a check inherits nothing.
func (h health) under(above health) health {
	if len(h.checks) > 0 {
		return h
	}
	if len(h.require.at.words) > 0 {
		above.require = h.require
	}
	return above
}

func (h *health) readRequire(l line) error {
	h.require.at = l
	switch s := l.words[1]; s {
	case "all":
	case "any":
		h.require.n = 1
	default:
		n, ok := digits(s)
		if !ok || n < 1 {
			return l.expected(s, "all, any or a number from 1 to the number of checks")
		}
		h.require.n = n
	}
	return nil
}

// validate refuses a requirement that the checks of its own level cannot meet,
// be it used by a pool or not.
func (h *health) validate() error {
	if len(h.checks) == 0 {
		return nil
	}
	_, err := h.required()
	return err
}

// required is the number of checks that an endpoint must pass.
func (h *health) required() (int, error) {
	n := len(h.checks)
	if h.require.n == 0 {
		return n, nil
	}
	if l := h.require.at; h.require.n > n {
		return 0, l.expected(l.words[1], "%d at most, the number of checks", n)
	}
	return h.require.n, nil
}

// empty reports whether there is no check.
func (h *health) empty() bool { return len(h.checks) == 0 }

// none reports whether endpoints are up unasked.
func (h *health) none() bool { return h.checks[0].typ == "none" }

// keys returns what is asked about the endpoint of s.
func (h *health) keys(s subject) ([]healthcheck.Key, error) {
	var keys []healthcheck.Key
	for _, c := range h.checks {
		key, err := c.key(s)
		if err != nil {
			return nil, err
		}
		if slices.Contains(keys, key) {
			return nil, c.at.errf("duplicate check %s: it asks endpoint %s the same as another", c.typ, s)
		}
		keys = append(keys, key)
	}
	return keys, nil
}
