package corefile

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/http/httpguts"

	"github.com/coredns-failover/failover/healthcheck"
)

const (
	minMinValidity = time.Second
	maxMinValidity = 10 * 365 * 24 * time.Hour
)

// A tlsCheck is what a check tls says.
type tlsCheck struct {
	timing
	healthcheck.TLS
}

var _ settings = (*tlsCheck)(nil)

var tlsCheckProperties = join(
	part(join(askingProperties, watchProperties), (*tlsCheck).schedule),
	part(proxyProperties, func(c *tlsCheck) *byte { return &c.ProxyProtocol }),
	part(dialogueProperties, func(c *tlsCheck) *healthcheck.Dialogue { return &c.Dialogue }),
	part(tlsProperties, func(c *tlsCheck) *healthcheck.TLSOptions { return &c.TLSOptions }),
	properties[*tlsCheck]{
		"min_validity": {usage: "min_validity DURATION", min: 1, max: 1, read: (*tlsCheck).readMinValidity},
		"alpn":         {usage: "alpn PROTO...", min: 1, max: many, read: (*tlsCheck).readALPN},
	})

func (c *tlsCheck) readArgs(l line, args []string) (err error) {
	c.Target, err = optionalTarget(l, args, false)
	return err
}

func (c *tlsCheck) build(at line, s subject) (healthcheck.Check, error) {
	t := c.TLS
	t.Target.Port = cmp.Or(t.Target.Port, s.port, defaultPort(true))
	err := completeTLS(&t.TLSOptions, at, serverName(t.Target, s), s)
	return t, err
}

func (c *tlsCheck) readMinValidity(l line) (err error) {
	c.MinValidity, err = l.duration(l.words[1], minMinValidity, maxMinValidity,
		"from "+short(minMinValidity)+" to "+short(maxMinValidity))
	return err
}

func (c *tlsCheck) readALPN(l line) error {
	protocols := l.words[1:]
	for i, s := range protocols {
		switch {
		case !httpguts.ValidHeaderFieldName(strings.ReplaceAll(s, "/", ".")) || len(s) > 255: // http/1.1 is no token
			return l.expected(s, "the name of a protocol, such as h2 or http/1.1")
		case slices.Contains(protocols[:i], s):
			return l.expected(s, "each protocol once, and it is given twice")
		}
	}
	c.ALPN = strings.Join(protocols, ",")
	return nil
}
