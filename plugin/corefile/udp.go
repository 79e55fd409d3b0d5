package corefile

import "github.com/coredns-failover/failover/healthcheck"

func buildUDP(c *check, s subject) (healthcheck.Check, error) {
	t, err := c.targetWithPort(s.endpoint)
	return healthcheck.UDP{Target: t, Dialogue: c.dialogue}, err
}
