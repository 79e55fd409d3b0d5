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

// A BeatBody is what comes with a beat.
type BeatBody struct {
	OK     *bool  `json:"ok"`
	Reason string `json:"reason"`
}

// beat takes in that a job is alive, or that it is not well.
func beat(c *call) *Problem {
	var b BeatBody
	if p := c.decode(&b); p != nil {
		return p
	}
	err := b.failure()
	if !c.backend.Beat(c.r.PathValue("name"), err) {
		return problem(http.StatusNotFound, "no check has the heartbeat %q", c.r.PathValue("name"))
	}
	c.w.WriteHeader(http.StatusNoContent)
	return nil
}
