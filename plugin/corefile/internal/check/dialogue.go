package check

import (
	"errors"
	"strconv"
	"strings"

	"github.com/coredns-failover/failover/healthcheck/probe"
	"github.com/coredns-failover/failover/plugin/corefile/internal/syntax"
)

// dialogueProperties are the properties of checks with a dialogue. What is sent may be a
// password, so no error shows it.
var dialogueProperties = syntax.Properties[*probe.Dialogue]{
	"send": {
		Usage: "send STRING", Min: 1, Max: 1, Repeatable: true, Text: true, Secret: true,
		Read: readSend,
	},
	"expect": {
		Usage: "expect REGEX", Min: 1, Max: 1, Repeatable: true, Text: true,
		Read: readExpect,
	},
}

func readSend(d *probe.Dialogue, l syntax.Line) error {
	text, err := unescape(l.Words[1])
	if err != nil {
		return l.Errf("send: %v", err)
	}
	*d = d.Send(text)
	return nil
}

func readExpect(d *probe.Dialogue, l syntax.Line) error {
	expr, err := readRegexp(l)
	*d = d.Expect(expr)
	return err
}

// unescape replaces each escape in s by its byte.
func unescape(s string) (string, error) {
	var b strings.Builder
	for {
		plain, rest, found := strings.Cut(s, `\`)
		b.WriteString(plain)
		if !found {
			return b.String(), nil
		}
		c, n := escaped(rest)
		if n == 0 {
			return "", errors.New(`expected a STRING in which \ begins one of \r, \n, \t, \\ and \xHH, HH in hex`)
		}
		b.WriteByte(c)
		s = rest[n:]
	}
}

// escapes has the bytes of the escapes of one character.
var escapes = map[byte]byte{'r': '\r', 'n': '\n', 't': '\t', '\\': '\\'}

// escaped parses the escape at the beginning of s, which is the text after a backslash. It
// returns its byte and its length. n is 0 if it is no escape.
func escaped(s string) (c byte, n int) {
	switch {
	case s == "":
		return 0, 0
	case escapes[s[0]] != 0:
		return escapes[s[0]], 1
	case s[0] != 'x' || len(s) < 3:
		return 0, 0
	}
	v, err := strconv.ParseUint(s[1:3], 16, 8)
	if err != nil {
		return 0, 0
	}
	return byte(v), 3
}
