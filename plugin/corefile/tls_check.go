package corefile

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/coredns-failover/failover/healthcheck"
)

const (
	minMinValidity = time.Second
	maxMinValidity = 10 * 365 * 24 * time.Hour
)

var tlsCheckProperties = join(timingProperties, sourceProperties, watchProperties, proxyProperties,
	tlsProperties, dialogueProperties, properties[*check]{
		"min_validity": {usage: "min_validity DURATION", min: 1, max: 1, read: (*check).readMinValidity},
		"alpn":         {usage: "alpn PROTO...", min: 1, max: many, read: (*check).readALPN},
	})

func buildTLS(c *check, s subject) (_ healthcheck.Check, err error) {
	t := c.tls
	t.Target, t.Dialogue, t.ProxyProtocol = c.target, c.dialogue, c.proxyProtocol
	t.Target.Port = cmp.Or(c.port(s.endpoint), defaultPort(true))
	t.TLSOptions, err = c.tlsOptions(true, "", c.serverName(s), s)
	return t, err
}

func (c *check) readMinValidity(l line) (err error) {
	c.tls.MinValidity, err = l.duration(l.words[1], minMinValidity, maxMinValidity,
		"from "+short(minMinValidity)+" to "+short(maxMinValidity))
	return err
}

func (c *check) readALPN(l line) error {
	protocols := l.words[1:]
	for i, s := range protocols {
		switch {
		case !isToken(strings.ReplaceAll(s, "/", ".")) || len(s) > 255: // http/1.1 is no token
			return l.expected(s, "the name of a protocol, such as h2 or http/1.1")
		case slices.Contains(protocols[:i], s):
			return l.expected(s, "each protocol once, and it is given twice")
		}
	}
	c.tls.ALPN = strings.Join(protocols, ",")
	return nil
}
