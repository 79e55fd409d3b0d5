package check

import (
	"net/textproto"
	"strings"
	"unicode"

	"golang.org/x/net/http/httpguts"

	"github.com/coredns-failover/failover/plugin/corefile/internal/syntax"
)

// No error in this file shows a value: it may be a secret.

// credentials are the header fields of a request and its authentication.
type credentials struct {
	headers, user, password, bearer string // as in probe.HTTP

	authProperty string // the property that sets Authorization, or ""
}

// asCredentials returns c. The tables of checks that embed credentials use it.
func (c *credentials) asCredentials() *credentials { return c }

var headerProperties = syntax.Properties[*credentials]{
	"header": {
		Usage: "header NAME VALUE", Min: 2, Max: 2, Repeatable: true, Text: true, Secret: true,
		Read: (*credentials).readHeader,
	},
	"bearer": {Usage: "bearer TOKEN", Min: 1, Max: 1, Secret: true, Read: (*credentials).readBearer},
}

var basicProperties = syntax.Properties[*credentials]{
	"basic_auth": {
		Usage: "basic_auth USER PASSWORD", Min: 2, Max: 2, Text: true, Secret: true, Read: (*credentials).readBasicAuth,
	},
}

func (c *credentials) readHeader(l syntax.Line) error {
	name, value := l.Words[1], strings.Trim(l.Words[2], " \t")
	if !httpguts.ValidHeaderFieldName(name) {
		return l.Errf("header: NAME is not the name of a header, expected letters, digits and '-'")
	}
	name = textproto.CanonicalMIMEHeaderKey(name)
	if name == "Host" {
		return l.Errf("header Host: expected the property host NAME[:PORT] instead")
	}
	if name == "Authorization" {
		if err := c.setAuthProperty(l, "header Authorization"); err != nil {
			return err
		}
	}
	value, err := ReadSecret(l, "the value of "+name, value)
	if c.headers != "" {
		c.headers += "\n"
	}
	c.headers += name + ": " + value
	return err
}

func (c *credentials) readBasicAuth(l syntax.Line) (err error) {
	if err := c.setAuthProperty(l, "basic_auth"); err != nil {
		return err
	}
	c.user = l.Words[1]
	if strings.ContainsFunc(c.user, func(r rune) bool { return r == ':' || unicode.IsControl(r) }) {
		return l.Errf("basic_auth: expected USER without colons and control characters")
	}
	c.password, err = ReadSecret(l, "PASSWORD", l.Words[2])
	return err
}

func (c *credentials) readBearer(l syntax.Line) (err error) {
	if err := c.setAuthProperty(l, "bearer"); err != nil {
		return err
	}
	c.bearer, err = ReadSecret(l, "TOKEN", l.Words[1])
	return err
}

// setAuthProperty notes that property sets the header field Authorization. It refuses a
// second property that does.
func (c *credentials) setAuthProperty(l syntax.Line, property string) error {
	if c.authProperty != "" && c.authProperty != property {
		return l.Errf("%s: expected one of basic_auth, bearer and header Authorization, and %s is given already",
			l.Words[0], c.authProperty)
	}
	c.authProperty = property
	return nil
}

// ReadSecret parses s, a secret or "file:PATH". what names it in errors.
func ReadSecret(l syntax.Line, what, s string) (string, error) {
	path, isFile := strings.CutPrefix(s, "file:")
	if isFile {
		path, err := ReadablePath(l, path)
		return "file:" + path, err
	}
	switch {
	case s == "":
		return "", l.Errf("%s: %s is empty: is a variable not set?", l.Words[0], what)
	case strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) && r != '\t' }):
		return "", l.Errf("%s: %s has a newline or another control character in it", l.Words[0], what)
	}
	return s, nil
}
