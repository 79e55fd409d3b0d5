package corefile

import (
	"net/textproto"
	"strings"
	"unicode"

	"golang.org/x/net/http/httpguts"
)

// No error in this file shows a value: it may be a secret.

// credentials are what a request tells of who sends it.
type credentials struct {
	headers, user, password, bearer string // as in healthcheck.HTTP

	way string // the property that authenticates, if there is one
}

// own returns c, for the table of a check that has more than credentials.
func (c *credentials) own() *credentials { return c }

var headerProperties = properties[*credentials]{
	"header": {
		usage: "header NAME VALUE", min: 2, max: 2, repeatable: true, text: true, secret: true,
		read: (*credentials).readHeader,
	},
	"bearer": {usage: "bearer TOKEN", min: 1, max: 1, secret: true, read: (*credentials).readBearer},
}

var basicProperties = properties[*credentials]{
	"basic_auth": {
		usage: "basic_auth USER PASSWORD", min: 2, max: 2, text: true, secret: true, read: (*credentials).readBasicAuth,
	},
}

func (c *credentials) readHeader(l line) error {
	name, value := l.words[1], strings.Trim(l.words[2], " \t")
	if !httpguts.ValidHeaderFieldName(name) {
		return l.errf("header: NAME is not the name of a header, expected letters, digits and '-'")
	}
	name = textproto.CanonicalMIMEHeaderKey(name)
	if name == "Host" {
		return l.errf("header Host: expected the property host NAME[:PORT] instead")
	}
	if name == "Authorization" {
		if err := c.authenticate(l, "header Authorization"); err != nil {
			return err
		}
	}
	value, err := readSecret(l, "the value of "+name, value)
	if c.headers != "" {
		c.headers += "\n"
	}
	c.headers += name + ": " + value
	return err
}

func (c *credentials) readBasicAuth(l line) (err error) {
	if err := c.authenticate(l, "basic_auth"); err != nil {
		return err
	}
	c.user = l.words[1]
	if strings.ContainsFunc(c.user, func(r rune) bool { return r == ':' || unicode.IsControl(r) }) {
		return l.errf("basic_auth: expected USER without colons and control characters")
	}
	c.password, err = readSecret(l, "PASSWORD", l.words[2])
	return err
}

func (c *credentials) readBearer(l line) (err error) {
	if err := c.authenticate(l, "bearer"); err != nil {
		return err
	}
	c.bearer, err = readSecret(l, "TOKEN", l.words[1])
	return err
}

// authenticate refuses a second way to fill in the Authorization header.
func (c *credentials) authenticate(l line, way string) error {
	if c.way != "" && c.way != way {
		return l.errf("%s: expected one of basic_auth, bearer and header Authorization, and %s is given already",
			l.words[0], c.way)
	}
	c.way = way
	return nil
}

// readSecret reads the value s of what, which may name the file that has it.
func readSecret(l line, what, s string) (string, error) {
	path, isFile := strings.CutPrefix(s, "file:")
	if isFile {
		path, err := readable(l, path)
		return "file:" + path, err
	}
	switch {
	case s == "":
		return "", l.errf("%s: %s is empty: is a variable not set?", l.words[0], what)
	case strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) && r != '\t' }):
		return "", l.errf("%s: %s has a newline or another control character in it", l.words[0], what)
	}
	return s, nil
}
