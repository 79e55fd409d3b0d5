package check

import (
	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/healthcheck/probe"
	"github.com/coredns-failover/failover/plugin/corefile/internal/syntax"
)

// A udpCheck has the settings of check udp.
type udpCheck struct {
	timing
	probe.UDP
}

var _ settings = (*udpCheck)(nil)

var udpProperties = syntax.Join(
	syntax.Part(networkProperties, (*udpCheck).schedule),
	syntax.Part(dialogueProperties, func(c *udpCheck) *probe.Dialogue { return &c.Dialogue }),
)

func (c *udpCheck) readArgs(l syntax.Line, args []string) (err error) {
	c.Target, err = optionalTarget(l, args, false)
	return err
}

func (c *udpCheck) build(at syntax.Line, s Subject) (_ healthcheck.Check, err error) {
	u := c.UDP
	u.Target, err = targetWithPort(u.Target, at, s)
	return u, err
}
