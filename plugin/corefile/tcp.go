package corefile

import "github.com/coredns-failover/failover/healthcheck"

func buildTCP(c *check, s subject) (healthcheck.Check, error) {
	t, err := c.targetWithPort(s.endpoint)
	return healthcheck.TCP{Target: t, Dialogue: c.dialogue}, err
}

// targetWithPort is the target of a check whose type has no port of its own.
func (c *check) targetWithPort(e endpoint) (healthcheck.Target, error) {
	t := c.target
	if t.Port = c.port(e); t.Port == 0 {
		return t, c.at.errf("check %s: missing port, expected check %[1]s :PORT or endpoint %s port N", c.typ, e)
	}
	return t, nil
}
