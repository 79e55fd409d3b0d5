package main

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/coredns-failover/failover/plugin/override"
)

// readTarget reads RECORD[/POOL[/ENDPOINT]] or an address.
func readTarget(s string) (override.Target, error) {
	if addr, err := netip.ParseAddr(strings.Trim(s, "[]")); err == nil {
		return override.Target{Address: addr.Unmap().String()}, nil
	}
	if _, err := netip.ParsePrefix(s); err == nil {
		return override.Target{}, fmt.Errorf("%s: expected an address, not a network", s)
	}
	parts := strings.SplitN(s, "/", 3)
	if slices.Contains(parts, "") {
		return override.Target{}, fmt.Errorf("%q: expected RECORD[/POOL[/ENDPOINT]] or an address", s)
	}
	parts = append(parts, "", "")
	return override.Target{Record: absolute(parts[0]), Pool: parts[1], Endpoint: parts[2]}, nil
}

// targetText returns a target as readTarget reads it, and where it is.
func targetText(t *override.Target) string {
	if t.Address != "" {
		return t.Address
	}
	text := t.Record
	for _, part := range []string{t.Pool, t.Endpoint} {
		if part != "" {
			text += "/" + part
		}
	}
	if t.Server != "" {
		text += " at " + t.Server
	}
	if t.View != "" {
		text += " view " + t.View
	}
	return text
}
