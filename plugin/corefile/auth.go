package corefile

import (
	"net/textproto"
	"strings"
	"unicode"
)

// No error in this file shows a value: it may be a secret.

func (c *check) readHeader(l line) error {
	name, value := l.words[1], strings.Trim(l.words[2], " \t")
	if !isToken(name) {
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
	value, err := c.readSecret(l, "the value of "+name, value)
	if c.http.Headers != "" {
		c.http.Headers += "\n"
	}
	c.http.Headers += name + ": " + value
	return err
}

func (c *check) readBasicAuth(l line) (err error) {
	if err := c.authenticate(l, "basic_auth"); err != nil {
		return err
	}
	c.http.User = l.words[1]
	if strings.ContainsFunc(c.http.User, func(r rune) bool { return r == ':' || unicode.IsControl(r) }) {
		return l.errf("basic_auth: expected USER without colons and control characters")
	}
	c.http.Password, err = c.readSecret(l, "PASSWORD", l.words[2])
	return err
}

func (c *check) readBearer(l line) (err error) {
	if err := c.authenticate(l, "bearer"); err != nil {
		return err
	}
	c.http.Bearer, err = c.readSecret(l, "TOKEN", l.words[1])
	return err
}

// readPayload takes text as it stands: JSON has escapes of its own.
func (c *check) readPayload(l line) (err error) {
	c.http.Payload = l.words[1]
	if path, ok := strings.CutPrefix(l.words[1], "file:"); ok {
		path, err = l.readable(path)
		c.http.Payload = "file:" + path
	}
	return err
}

// authenticate refuses a second way to fill in the Authorization header.
func (c *check) authenticate(l line, way string) error {
	if c.auth != "" && c.auth != way {
		return l.errf("%s: expected one of basic_auth, bearer and header Authorization, and %s is given already",
			l.words[0], c.auth)
	}
	c.auth = way
	return nil
}

// readSecret reads the value s of what, which may name the file that has it.
func (c *check) readSecret(l line, what, s string) (string, error) {
	path, isFile := strings.CutPrefix(s, "file:")
	if isFile {
		path, err := l.readable(path)
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

// isToken tells whether s is a token of RFC 9110.
func isToken(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return !isLetter(r) && !isDigit(r) && !strings.ContainsRune("!#$%&'*+-.^_`|~", r)
	})
}
