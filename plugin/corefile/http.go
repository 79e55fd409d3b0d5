package corefile

import (
	"cmp"
	"net/netip"
	"regexp"
	"strings"

	"github.com/coredns-failover/failover/healthcheck"
)

// An httpCheck is what a check http or https says.
type httpCheck struct {
	timing
	credentials
	healthcheck.HTTP // without what credentials has
}

var _ settings = (*httpCheck)(nil)

var httpProperties = join(
	part(askingProperties, (*httpCheck).schedule),
	part(join(headerProperties, basicProperties), (*httpCheck).own),
	part(proxyProperties, func(c *httpCheck) *byte { return &c.ProxyProtocol }),
	part(tlsProperties, func(c *httpCheck) *healthcheck.TLSOptions { return &c.TLSOptions }),
	properties[*httpCheck]{
		"method":    {usage: "method NAME", min: 1, max: 1, read: (*httpCheck).readMethod},
		"host":      {usage: "host NAME[:PORT]", min: 1, max: 1, read: (*httpCheck).readHTTPHost},
		"status":    {usage: "status RANGE...", min: 1, max: many, read: (*httpCheck).readStatus},
		"body":      {usage: "body REGEX", min: 1, max: 1, text: true, read: (*httpCheck).readBody},
		"body_not":  {usage: "body_not REGEX", min: 1, max: 1, text: true, read: (*httpCheck).readBodyNot},
		"assert":    {usage: "assert EXPR", min: 1, max: many, text: true, read: (*httpCheck).readAssert},
		"payload":   {usage: "payload TEXT", min: 1, max: 1, text: true, secret: true, read: (*httpCheck).readPayload},
		"redirects": {usage: "redirects N", min: 1, max: 1, read: (*httpCheck).readRedirects},
	})

func (c *httpCheck) readArgs(l line, args []string) (err error) {
	c.TLS = l.words[1] == "https"
	c.Target, err = optionalTarget(l, args, true)
	return err
}

func (c *httpCheck) build(at line, s subject) (healthcheck.Check, error) {
	h := c.HTTP
	h.Headers, h.User, h.Password, h.Bearer = c.headers, c.user, c.password, c.bearer
	h.Target.Port = cmp.Or(h.Target.Port, s.port, defaultPort(h.TLS))
	h.Target.Path = cmp.Or(h.Target.Path, "/")
	h.Method = cmp.Or(h.Method, "GET")
	h.Status = cmp.Or(h.Status, healthcheck.DefaultStatus)
	h.Host = cmp.Or(h.Host, nameOf(h.Target.Host), s.hostOf())
	if h.Host == "" {
		return nil, at.errf("check %s: missing host, which must be set under the record %s", at.words[1], s.record)
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
	if _, err := netip.ParseAddr(host); err == nil || strings.Contains(host, healthcheck.Placeholder) {
		return ""
	}
	return host
}

func (c *httpCheck) readMethod(l line) error {
	s := l.words[1]
	if strings.ContainsFunc(s, func(r rune) bool { return (r < 'A' || r > 'Z') && r != '-' }) {
		return l.expected(s, "a word in upper case such as GET or HEAD")
	}
	c.Method = s
	return nil
}

func (c *httpCheck) readHTTPHost(l line) error {
	host, port, whole := cutPort(l.words[1])
	name, ok := hostName(host)
	if !ok || !whole || strings.Contains(port, "/") {
		return l.expected(l.words[1], "a host name, or a host name and a port, NAME:PORT%s", inASCII(host))
	}
	c.Host = name
	if port == "" {
		return nil
	}
	n, err := l.number("host port", port[1:], 1, 65535)
	c.HostPort = uint16(n) // #nosec G115 -- at most 65535
	return err
}

func (c *httpCheck) readStatus(l line) error {
	status, wrong := healthcheck.CanonicalStatus(l.words[1:])
	if wrong != "" {
		return l.expected(wrong, "a status code from 100 to 599 or a range such as 200-299")
	}
	c.Status = status
	return nil
}

func (c *httpCheck) readBody(l line) (err error) {
	c.Body, err = readRegexp(l)
	return err
}

func (c *httpCheck) readBodyNot(l line) (err error) {
	c.BodyNot, err = readRegexp(l)
	return err
}

// readAssert takes one argument in quotes, or an expression without any.
func (c *httpCheck) readAssert(l line) error {
	s := strings.Join(l.words[1:], " ")
	if err := healthcheck.ValidateAssertion(s); err != nil {
		return l.expected(s, "an expression that is true or false: %v", err)
	}
	c.Assert = s
	return nil
}

func readRegexp(l line) (string, error) {
	s := l.words[1]
	if _, err := regexp.Compile(s); err != nil {
		return "", l.expected(s, "a regular expression: %v", err)
	}
	return s, nil
}

func (c *httpCheck) readRedirects(l line) (err error) {
	c.Redirects, err = l.number("redirects", l.words[1], 0, 10)
	return err
}

// readPayload takes text as it stands: JSON has escapes of its own.
func (c *httpCheck) readPayload(l line) (err error) {
	c.Payload = l.words[1]
	if path, ok := strings.CutPrefix(l.words[1], "file:"); ok {
		path, err = readable(l, path)
		c.Payload = "file:" + path
	}
	return err
}
