package check

import (
	"cmp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/healthcheck/probe"
	"github.com/coredns-failover/failover/plugin/corefile/internal/syntax"
)

// A grpcCheck has the settings of check grpc.
type grpcCheck struct {
	timing
	probe.GRPC
}

var _ settings = (*grpcCheck)(nil)

var grpcProperties = syntax.Join(
	syntax.Part(syntax.Join(networkProperties, watchProperties), (*grpcCheck).schedule),
	syntax.Part(proxyProperties, func(c *grpcCheck) *byte { return &c.ProxyProtocol }),
	syntax.Part(tlsProperties, func(c *grpcCheck) *probe.TLSOptions { return &c.TLSOptions }),
	syntax.Properties[*grpcCheck]{
		"service":   {Usage: "service NAME", Min: 1, Max: 1, Read: (*grpcCheck).readService},
		"authority": {Usage: "authority NAME", Min: 1, Max: 1, Read: (*grpcCheck).readAuthority},
		"tls":       {Usage: "tls", Read: (*grpcCheck).readTLS},
	})

func (c *grpcCheck) readArgs(l syntax.Line, args []string) (err error) {
	c.Target, err = optionalTarget(l, args, false)
	return err
}

func (c *grpcCheck) readService(l syntax.Line) error {
	s := l.Words[1]
	if !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return l.Expected(s, "the name of a service, such as package.Service")
	}
	c.Service = s
	return nil
}

func (c *grpcCheck) readAuthority(l syntax.Line) (err error) {
	c.Authority, err = l.Host()
	return err
}

func (c *grpcCheck) readTLS(syntax.Line) error {
	c.TLS = true
	return nil
}

func (c *grpcCheck) build(at syntax.Line, s Subject) (_ healthcheck.Check, err error) {
	g := c.GRPC
	if g.Target, err = targetWithPort(g.Target, at, s); err != nil {
		return nil, err
	}
	g.Authority = cmp.Or(g.Authority, serverName(g.Target, s))
	if !g.TLS {
		return g, refuseTLS(at, "tls")
	}
	err = completeTLS(&g.TLSOptions, at, g.Authority, s)
	return g, err
}
