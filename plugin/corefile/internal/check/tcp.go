package check

import (
	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/healthcheck/probe"
	"github.com/coredns-failover/failover/plugin/corefile/internal/syntax"
)

// A tcpCheck has the settings of check tcp.
type tcpCheck struct {
	timing
	probe.TCP
}

var _ settings = (*tcpCheck)(nil)

var tcpProperties = syntax.Join(
	syntax.Part(syntax.Join(networkProperties, watchProperties), (*tcpCheck).schedule),
	syntax.Part(proxyProperties, func(c *tcpCheck) *byte { return &c.ProxyProtocol }),
	syntax.Part(dialogueProperties, func(c *tcpCheck) *probe.Dialogue { return &c.Dialogue }),
	syntax.Part(tlsProperties, func(c *tcpCheck) *probe.TLSOptions { return &c.TLSOptions }),
	syntax.Properties[*tcpCheck]{
		"starttls": {Usage: "starttls", Read: (*tcpCheck).readStartTLS},
	})

func (c *tcpCheck) readArgs(l syntax.Line, args []string) (err error) {
	c.Target, err = optionalTarget(l, args, false)
	return err
}

func (c *tcpCheck) readStartTLS(syntax.Line) error {
	c.Dialogue = c.Dialogue.StartTLS()
	return nil
}

func (c *tcpCheck) build(at syntax.Line, s Subject) (_ healthcheck.Check, err error) {
	t := c.TCP
	if t.Target, err = targetWithPort(t.Target, at, s); err != nil {
		return nil, err
	}
	if !t.Dialogue.StartsTLS() {
		return t, refuseTLS(at, "starttls")
	}
	err = completeTLS(&t.TLSOptions, at, serverName(t.Target, s), s)
	return t, err
}
