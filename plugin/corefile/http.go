package corefile

import (
	"cmp"
	"net/netip"
	"regexp"
	"strings"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/healthcheck/probe"
)

var httpProperties = properties[*check]{
	"method":   {usage: "method NAME", min: 1, max: 1, read: (*check).readMethod},
	"host":     {usage: "host NAME[:PORT]", min: 1, max: 1, read: (*check).readHTTPHost},
	"status":   {usage: "status RANGE...", min: 1, max: many, read: (*check).readStatus},
	"body":     {usage: "body REGEX", min: 1, max: 1, text: true, read: (*check).readBody},
	"body_not": {usage: "body_not REGEX", min: 1, max: 1, text: true, read: (*check).readBodyNot},
	"assert":   {usage: "assert EXPR", min: 1, max: many, text: true, read: (*check).readAssert},
	"header": {
		usage: "header NAME VALUE", min: 2, max: 2, repeatable: true, text: true, secret: true,
		read: (*check).readHeader,
	},
	"basic_auth": {
		usage: "basic_auth USER PASSWORD", min: 2, max: 2, text: true, secret: true, read: (*check).readBasicAuth,
	},
	"payload":   {usage: "payload TEXT", min: 1, max: 1, text: true, secret: true, read: (*check).readPayload},
	"bearer":    {usage: "bearer TOKEN", min: 1, max: 1, secret: true, read: (*check).readBearer},
	"redirects": {usage: "redirects N", min: 1, max: 1, read: (*check).readRedirects},
}

const defaultStatus = "200-399"

func buildHTTP(c *check, s subject) (healthcheck.Check, error) {
	h := c.http
	h.TLS = c.typ == "https"
	h.ProxyProtocol = c.proxyProtocol
	h.Target = c.target
	h.Target.Port = cmp.Or(c.port(s.endpoint), defaultPort(h.TLS))
	h.Target.Path = cmp.Or(h.Target.Path, "/")
	h.Method = cmp.Or(h.Method, "GET")
	h.Status = cmp.Or(h.Status, defaultStatus)
	h.Host = cmp.Or(h.Host, nameOf(h.Target.Host), hostOf(s.record))
	if h.Host == "" {
		return nil, c.at.errf("check %s: missing host, which must be set under the record %s", c.typ, s.record.name)
	}
	if h.HostPort == h.Target.Port && h.HostPort != defaultPort(h.TLS) {
		h.HostPort = 0 // what it is anyway: equal checks are one
	}
	return h, nil
}

func defaultPort(tls bool) uint16 {
	if tls {
		return 443
	}
	return 80
}

// nameOf returns the HOST of an ARG if it is a name of its own.
func nameOf(host string) string {
	if _, err := netip.ParseAddr(host); err == nil || strings.Contains(host, placeholder) {
		return ""
	}
	return host
}

// hostOf returns the record's name for a Host header, if it can be one.
func hostOf(n name) string {
	if n.wildcard() {
		return ""
	}
	return strings.TrimSuffix(n.name, ".")
}

func (c *check) readMethod(l line) error {
	s := l.words[1]
	if strings.ContainsFunc(s, func(r rune) bool { return (r < 'A' || r > 'Z') && r != '-' }) {
		return l.expected(s, "a word in upper case such as GET or HEAD")
	}
	c.http.Method = s
	return nil
}

func (c *check) readHTTPHost(l line) error {
	host, port, whole := cutPort(l.words[1])
	name, ok := hostName(host)
	if !ok || !whole || strings.Contains(port, "/") {
		return l.expected(l.words[1], "a host name, or a host name and a port, NAME:PORT%s", inASCII(host))
	}
	c.http.Host = name
	if port == "" {
		return nil
	}
	n, err := l.number("host port", port[1:], 1, 65535)
	c.http.HostPort = uint16(n) // #nosec G115 -- at most 65535
	return err
}

func (c *check) readBody(l line) (err error) {
	c.http.Body, err = readRegexp(l)
	return err
}

func (c *check) readBodyNot(l line) (err error) {
	c.http.BodyNot, err = readRegexp(l)
	return err
}

// readAssert takes one argument in quotes, or an expression without any.
func (c *check) readAssert(l line) error {
	s := strings.Join(l.words[1:], " ")
	if err := probe.ValidateAssertion(s); err != nil {
		return l.expected(s, "an expression that is true or false: %v", err)
	}
	c.http.Assert = s
	return nil
}

func readRegexp(l line) (string, error) {
	s := l.words[1]
	if _, err := regexp.Compile(s); err != nil {
		return "", l.expected(s, "a regular expression: %v", err)
	}
	return s, nil
}

func (c *check) readRedirects(l line) (err error) {
	c.http.Redirects, err = l.number("redirects", l.words[1], 0, 10)
	return err
}
