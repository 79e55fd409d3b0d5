package corefile

import (
	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/healthcheck/probe"
)

var tcpProperties = join(timingProperties, sourceProperties, watchProperties, proxyProperties,
	dialogueProperties, tlsProperties, properties[*check]{
		"starttls": {usage: "starttls", read: (*check).readStartTLS},
	})

func (c *check) readStartTLS(line) error {
	c.dialogue = c.dialogue.StartTLS()
	return nil
}

func buildTCP(c *check, s subject) (_ healthcheck.Check, err error) {
	t := probe.TCP{Dialogue: c.dialogue, ProxyProtocol: c.proxyProtocol}
	if t.Target, err = c.targetWithPort(s.endpoint); err != nil {
		return nil, err
	}
	t.TLSOptions, err = c.tlsOptions(c.dialogue.StartsTLS(), "starttls", c.serverName(s), s)
	return t, err
}

// targetWithPort is the target of a check whose type has no port of its own.
func (c *check) targetWithPort(e endpoint) (probe.Target, error) {
	t := c.target
	if t.Port = c.port(e); t.Port == 0 {
		return t, c.at.errf("check %s: missing port, expected check %[1]s :PORT or endpoint %s port N", c.typ, e)
	}
	return t, nil
}
