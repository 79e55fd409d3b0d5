package corefile

import "github.com/coredns-failover/failover/healthcheck"

// A tcpCheck is what a check tcp says.
type tcpCheck struct {
	timing
	healthcheck.TCP
}

var _ settings = (*tcpCheck)(nil)

var tcpProperties = join(
	part(join(askingProperties, watchProperties), (*tcpCheck).schedule),
	part(proxyProperties, func(c *tcpCheck) *byte { return &c.ProxyProtocol }),
	part(dialogueProperties, func(c *tcpCheck) *healthcheck.Dialogue { return &c.Dialogue }),
	part(tlsProperties, func(c *tcpCheck) *healthcheck.TLSOptions { return &c.TLSOptions }),
	properties[*tcpCheck]{
		"starttls": {usage: "starttls", read: (*tcpCheck).readStartTLS},
	})

func (c *tcpCheck) readArgs(l line, args []string) (err error) {
	c.Target, err = optionalTarget(l, args, false)
	return err
}

func (c *tcpCheck) readStartTLS(line) error {
	c.Dialogue = c.Dialogue.StartTLS()
	return nil
}

func (c *tcpCheck) build(at line, s subject) (_ healthcheck.Check, err error) {
	t := c.TCP
	if t.Target, err = targetWithPort(t.Target, at, s); err != nil {
		return nil, err
	}
	if !t.Dialogue.StartsTLS() {
		return t, withoutTLS(at, "starttls")
	}
	err = completeTLS(&t.TLSOptions, at, serverName(t.Target, s), s)
	return t, err
}
