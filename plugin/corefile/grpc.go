package corefile

import (
	"cmp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/coredns-failover/failover/healthcheck"
)

var grpcProperties = join(timingProperties, sourceProperties, watchProperties, proxyProperties, tlsProperties, properties[*check]{
	"service":   {usage: "service NAME", min: 1, max: 1, read: (*check).readService},
	"authority": {usage: "authority NAME", min: 1, max: 1, read: (*check).readAuthority},
	"tls":       {usage: "tls", read: (*check).readTLS},
})

func (c *check) readService(l line) error {
	s := l.words[1]
	if !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return l.expected(s, "the name of a service, such as package.Service")
	}
	c.grpc.Service = s
	return nil
}

func (c *check) readAuthority(l line) (err error) {
	c.grpc.Authority, err = l.host()
	return err
}

func (c *check) readTLS(line) error {
	c.grpc.TLS = true
	return nil
}

func buildGRPC(c *check, s subject) (_ healthcheck.Check, err error) {
	g := c.grpc
	g.Target, g.ProxyProtocol = c.target, c.proxyProtocol
	if g.Target.Port = c.port(s.endpoint); g.Target.Port == 0 {
		return nil, c.at.errf("check grpc: missing port, expected check grpc :PORT or endpoint %s port N", s.endpoint)
	}
	g.Authority = cmp.Or(g.Authority, nameOf(c.target.Host), hostOf(s.record))
	g.TLSOptions, err = c.tlsOptions(g.TLS, "tls", g.Authority, s)
	return g, err
}
