package corefile

import (
	"cmp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/coredns-failover/failover/healthcheck"
)

// A grpcCheck is what a check grpc says.
type grpcCheck struct {
	timing
	healthcheck.GRPC
}

var _ settings = (*grpcCheck)(nil)

var grpcProperties = join(
	part(join(askingProperties, watchProperties), (*grpcCheck).schedule),
	part(proxyProperties, func(c *grpcCheck) *byte { return &c.ProxyProtocol }),
	part(tlsProperties, func(c *grpcCheck) *healthcheck.TLSOptions { return &c.TLSOptions }),
	properties[*grpcCheck]{
		"service":   {usage: "service NAME", min: 1, max: 1, read: (*grpcCheck).readService},
		"authority": {usage: "authority NAME", min: 1, max: 1, read: (*grpcCheck).readAuthority},
		"tls":       {usage: "tls", read: (*grpcCheck).readTLS},
	})

func (c *grpcCheck) readArgs(l line, args []string) (err error) {
	c.Target, err = optionalTarget(l, args, false)
	return err
}

func (c *grpcCheck) readService(l line) error {
	s := l.words[1]
	if !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return l.expected(s, "the name of a service, such as package.Service")
	}
	c.Service = s
	return nil
}

func (c *grpcCheck) readAuthority(l line) (err error) {
	c.Authority, err = l.host()
	return err
}

func (c *grpcCheck) readTLS(line) error {
	c.TLS = true
	return nil
}

func (c *grpcCheck) build(at line, s subject) (_ healthcheck.Check, err error) {
	g := c.GRPC
	if g.Target, err = targetWithPort(g.Target, at, s); err != nil {
		return nil, err
	}
	g.Authority = cmp.Or(g.Authority, serverName(g.Target, s))
	if !g.TLS {
		return g, withoutTLS(at, "tls")
	}
	err = completeTLS(&g.TLSOptions, at, g.Authority, s)
	return g, err
}
