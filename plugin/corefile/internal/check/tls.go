package check

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/http/httpguts"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/healthcheck/probe"
	"github.com/coredns-failover/failover/plugin/corefile/internal/syntax"
)

const (
	minMinValidity = time.Second
	maxMinValidity = 10 * 365 * 24 * time.Hour
)

// A tlsCheck has the settings of check tls.
type tlsCheck struct {
	timing
	probe.TLS
}

var _ settings = (*tlsCheck)(nil)

var tlsCheckProperties = syntax.Join(
	syntax.Part(syntax.Join(networkProperties, watchProperties), (*tlsCheck).schedule),
	syntax.Part(proxyProperties, func(c *tlsCheck) *byte { return &c.ProxyProtocol }),
	syntax.Part(dialogueProperties, func(c *tlsCheck) *probe.Dialogue { return &c.Dialogue }),
	syntax.Part(tlsProperties, func(c *tlsCheck) *probe.TLSOptions { return &c.TLSOptions }),
	syntax.Properties[*tlsCheck]{
		"min_validity": {Usage: "min_validity DURATION", Min: 1, Max: 1, Read: (*tlsCheck).readMinValidity},
		"alpn":         {Usage: "alpn PROTO...", Min: 1, Max: syntax.Many, Read: (*tlsCheck).readALPN},
	})

func (c *tlsCheck) readArgs(l syntax.Line, args []string) (err error) {
	c.Target, err = optionalTarget(l, args, false)
	return err
}

func (c *tlsCheck) build(at syntax.Line, s Subject) (healthcheck.Check, error) {
	t := c.TLS
	t.Target.Port = cmp.Or(t.Target.Port, s.Port, defaultPort(true))
	err := completeTLS(&t.TLSOptions, at, serverName(t.Target, s), s)
	return t, err
}

func (c *tlsCheck) readMinValidity(l syntax.Line) (err error) {
	c.MinValidity, err = l.Duration(l.Words[1], minMinValidity, maxMinValidity,
		"from "+syntax.Short(minMinValidity)+" to "+syntax.Short(maxMinValidity))
	return err
}

func (c *tlsCheck) readALPN(l syntax.Line) error {
	protocols := l.Words[1:]
	for i, s := range protocols {
		switch {
		case !httpguts.ValidHeaderFieldName(strings.ReplaceAll(s, "/", ".")) || len(s) > 255: // http/1.1 is no token
			return l.Expected(s, "the name of a protocol, such as h2 or http/1.1")
		case slices.Contains(protocols[:i], s):
			return l.Expected(s, "each protocol once, and it is given twice")
		}
	}
	c.ALPN = strings.Join(protocols, ",")
	return nil
}
