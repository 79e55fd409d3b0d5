package admin

import (
	"net/http"

	"github.com/coredns-failover/failover/plugin/override"
)

// An OverrideList is all overrides.
type OverrideList struct {
	Overrides []override.Override `json:"overrides"`
}

func listOverrides(c *call) *Problem {
	return c.answer(OverrideList{append([]override.Override{}, c.backend.Overrides.List()...)})
}

func setOverrides(c *call) *Problem {
	var r override.Request
	if p := c.decode(&r); p != nil {
		return p
	}
	a, err := c.backend.Overrides.Apply(r, c.caller.actor)
	if err != nil {
		return problemOf(err)
	}
	return c.answer(a)
}

func removeOverride(c *call) *Problem {
	if err := c.backend.Overrides.Remove(c.r.PathValue("id"), c.caller.actor); err != nil {
		return problemOf(err)
	}
	c.w.WriteHeader(http.StatusNoContent)
	return nil
}
