package check

import (
	"math"
	"time"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/healthcheck/probe"
	"github.com/coredns-failover/failover/plugin/corefile/internal/syntax"
)

// A heartbeatCheck has the settings of check heartbeat.
type heartbeatCheck struct {
	timing
	name  string
	grace time.Duration // 0 is graceIntervals
}

var _ settings = (*heartbeatCheck)(nil)

// graceIntervals are how many intervals a beat counts for if grace is not set.
const graceIntervals = 3

var heartbeatProperties = syntax.Join(syntax.Part(timingProperties, (*heartbeatCheck).schedule),
	syntax.Properties[*heartbeatCheck]{
		"grace": {Usage: "grace DURATION", Min: 1, Max: 1, Read: (*heartbeatCheck).readGrace},
	})

func (c *heartbeatCheck) readArgs(l syntax.Line, args []string) (err error) {
	switch len(args) {
	case 0:
		return l.Errf("check heartbeat: missing argument, expected check heartbeat NAME")
	case 1:
	default:
		return l.Errf("check: surplus argument %s, expected check heartbeat NAME", syntax.Show(args[1]))
	}
	c.name, err = l.HeartbeatName(args[0])
	return err
}

func (c *heartbeatCheck) readGrace(l syntax.Line) (err error) {
	c.grace, err = l.Duration(l.Words[1], time.Millisecond, math.MaxInt64, "of a millisecond or more")
	return err
}

func (c *heartbeatCheck) build(syntax.Line, Subject) (healthcheck.Check, error) {
	h := probe.Heartbeat{Name: c.name, Grace: c.grace}
	if h.Grace == 0 {
		h.Grace = graceIntervals * c.Interval
	}
	return h, nil
}

// Heartbeats calls f for the line and the name of each heartbeat that is checked.
func (h *Health) Heartbeats(f func(at syntax.Line, name string)) {
	for _, c := range h.checks {
		if b, ok := c.settings.(*heartbeatCheck); ok {
			f(c.at, b.name)
		}
	}
}
