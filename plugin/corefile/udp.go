package corefile

import "github.com/coredns-failover/failover/healthcheck"

// A udpCheck is what a check udp says.
type udpCheck struct {
	timing
	healthcheck.UDP
}

var _ settings = (*udpCheck)(nil)

var udpProperties = join(
	part(askingProperties, (*udpCheck).schedule),
	part(dialogueProperties, func(c *udpCheck) *healthcheck.Dialogue { return &c.Dialogue }),
)

func (c *udpCheck) readArgs(l line, args []string) (err error) {
	c.Target, err = optionalTarget(l, args, false)
	return err
}

func (c *udpCheck) build(at line, s subject) (_ healthcheck.Check, err error) {
	u := c.UDP
	u.Target, err = targetWithPort(u.Target, at, s)
	return u, err
}
