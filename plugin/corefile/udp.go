package corefile

import (
	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/healthcheck/probe"
)

func buildUDP(c *check, s subject) (healthcheck.Check, error) {
	t, err := c.targetWithPort(s.endpoint)
	return probe.UDP{Target: t, Dialogue: c.dialogue}, err
}
