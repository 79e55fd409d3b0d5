package check

import (
	"cmp"
	"net/netip"
	"regexp"
	"strings"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/healthcheck/probe"
	"github.com/coredns-failover/failover/plugin/corefile/internal/syntax"
)

// An httpCheck has the settings of check http and check https.
type httpCheck struct {
	timing
	credentials
	probe.HTTP // without the fields that credentials has
}

var _ settings = (*httpCheck)(nil)

var httpProperties = syntax.Join(
	syntax.Part(networkProperties, (*httpCheck).schedule),
	syntax.Part(syntax.Join(headerProperties, basicProperties), (*httpCheck).asCredentials),
	syntax.Part(proxyProperties, func(c *httpCheck) *byte { return &c.ProxyProtocol }),
	syntax.Part(tlsProperties, func(c *httpCheck) *probe.TLSOptions { return &c.TLSOptions }),
	syntax.Properties[*httpCheck]{
		"method":    {Usage: "method NAME", Min: 1, Max: 1, Read: (*httpCheck).readMethod},
		"host":      {Usage: "host NAME[:PORT]", Min: 1, Max: 1, Read: (*httpCheck).readHTTPHost},
		"status":    {Usage: "status RANGE...", Min: 1, Max: syntax.Many, Read: (*httpCheck).readStatus},
		"body":      {Usage: "body REGEX", Min: 1, Max: 1, Text: true, Read: (*httpCheck).readBody},
		"body_not":  {Usage: "body_not REGEX", Min: 1, Max: 1, Text: true, Read: (*httpCheck).readBodyNot},
		"assert":    {Usage: "assert EXPR", Min: 1, Max: syntax.Many, Text: true, Read: (*httpCheck).readAssert},
		"payload":   {Usage: "payload TEXT", Min: 1, Max: 1, Text: true, Secret: true, Read: (*httpCheck).readPayload},
		"redirects": {Usage: "redirects N", Min: 1, Max: 1, Read: (*httpCheck).readRedirects},
	})

func (c *httpCheck) readArgs(l syntax.Line, args []string) (err error) {
	c.TLS = l.Words[1] == "https"
	c.Target, err = optionalTarget(l, args, true)
	return err
}

func (c *httpCheck) build(at syntax.Line, s Subject) (healthcheck.Check, error) {
	h := c.HTTP
	h.Headers, h.User, h.Password, h.Bearer = c.headers, c.user, c.password, c.bearer
	h.Target.Port = cmp.Or(h.Target.Port, s.Port, defaultPort(h.TLS))
	h.Target.Path = cmp.Or(h.Target.Path, "/")
	h.Method = cmp.Or(h.Method, "GET")
	h.Status = cmp.Or(h.Status, probe.DefaultStatus)
	h.Host = cmp.Or(h.Host, nameOf(h.Target.Host), s.hostName())
	if h.Host == "" {
		return nil, at.Errf("check %s: missing host, which must be set under the record %s", at.Words[1], s.Record)
	}
	if h.HostPort == h.Target.Port && h.HostPort != defaultPort(h.TLS) {
		h.HostPort = 0 // the same as the default: equal checks must be equal by ==
	}
	return h, nil
}

func defaultPort(tls bool) uint16 {
	if tls {
		return 443
	}
	return 80
}

// nameOf returns host, the HOST of an ARG, if it is a name without the Placeholder.
func nameOf(host string) string {
	if _, err := netip.ParseAddr(host); err == nil || strings.Contains(host, probe.Placeholder) {
		return ""
	}
	return host
}

func (c *httpCheck) readMethod(l syntax.Line) error {
	s := l.Words[1]
	if strings.ContainsFunc(s, func(r rune) bool { return (r < 'A' || r > 'Z') && r != '-' }) {
		return l.Expected(s, "a word in upper case such as GET or HEAD")
	}
	c.Method = s
	return nil
}

func (c *httpCheck) readHTTPHost(l syntax.Line) error {
	host, port, whole := cutPort(l.Words[1])
	name, ok := syntax.HostName(host)
	if !ok || !whole || strings.Contains(port, "/") {
		return l.Expected(l.Words[1], "a host name, or a host name and a port, NAME:PORT%s", syntax.InASCII(host))
	}
	c.Host = name
	if port == "" {
		return nil
	}
	n, err := l.Number("host port", port[1:], 1, 65535)
	c.HostPort = uint16(n) // #nosec G115 -- at most 65535
	return err
}

func (c *httpCheck) readStatus(l syntax.Line) error {
	status, wrong := probe.CanonicalStatus(l.Words[1:])
	if wrong != "" {
		return l.Expected(wrong, "a status code from 100 to 599 or a range such as 200-299")
	}
	c.Status = status
	return nil
}

func (c *httpCheck) readBody(l syntax.Line) (err error) {
	c.Body, err = readRegexp(l)
	return err
}

func (c *httpCheck) readBodyNot(l syntax.Line) (err error) {
	c.BodyNot, err = readRegexp(l)
	return err
}

// readAssert reads an expression. Without quotes, its words are separate arguments.
func (c *httpCheck) readAssert(l syntax.Line) error {
	s := strings.Join(l.Words[1:], " ")
	if err := probe.ValidateAssertion(s); err != nil {
		return l.Expected(s, "an expression that is true or false: %v", err)
	}
	c.Assert = s
	return nil
}

func readRegexp(l syntax.Line) (string, error) {
	s := l.Words[1]
	if _, err := regexp.Compile(s); err != nil {
		return "", l.Expected(s, "a regular expression: %v", err)
	}
	return s, nil
}

func (c *httpCheck) readRedirects(l syntax.Line) (err error) {
	c.Redirects, err = l.Number("redirects", l.Words[1], 0, 10)
	return err
}

// readPayload reads a text or "file:PATH". It does not unescape the text: JSON has escapes
// of its own.
func (c *httpCheck) readPayload(l syntax.Line) (err error) {
	c.Payload = l.Words[1]
	if path, ok := strings.CutPrefix(l.Words[1], "file:"); ok {
		path, err = ReadablePath(l, path)
		c.Payload = "file:" + path
	}
	return err
}
