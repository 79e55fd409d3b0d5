package corefile

import "github.com/coredns-failover/failover/healthcheck"

func buildTCP(c *check, s subject) (healthcheck.Check, error) {
	t := c.target
	if t.Port = c.port(s.endpoint); t.Port == 0 {
		return nil, c.at.errf("check tcp: missing port, expected check tcp :PORT or endpoint %s port N", s.addr)
	}
	return healthcheck.TCP{Target: t}, nil
}
