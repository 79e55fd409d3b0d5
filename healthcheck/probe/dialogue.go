package probe

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// A Dialogue is what a probe says and expects to hear, in order. It is made
// from "" with Send and Expect, and is a string so that checks are comparable.
type Dialogue string

// Send returns d with text to be sent after it.
func (d Dialogue) Send(text string) Dialogue { return d.with("send", text) }

// Expect returns d with a regular expression behind it that what is heard must
// match. In it ^ and $ match at lines as well.
func (d Dialogue) Expect(expr string) Dialogue { return d.with("expect", expr) }

// StartTLS returns d with a handshake behind it. What follows is inside TLS.
func (d Dialogue) StartTLS() Dialogue { return d.with("starttls", "") }

// StartsTLS reports whether there is a handshake in d.
func (d Dialogue) StartsTLS() bool {
	return slices.ContainsFunc(d.steps(), func(s step) bool { return s.tls })
}

func (d Dialogue) with(verb, text string) Dialogue {
	return d + Dialogue(verb+" "+strconv.Quote(text)+"\n")
}

// A step is one of a Dialogue.
type step struct {
	text string         // sent, or that of expr
	expr *regexp.Regexp // nil for a step that sends
	tls  bool           // it is the handshake
}

// steps panics if an expression does not compile.
func (d Dialogue) steps() []step {
	var steps []step
	for l := range strings.Lines(string(d)) {
		verb, quoted, _ := strings.Cut(strings.TrimSuffix(l, "\n"), " ")
		text, _ := strconv.Unquote(quoted)
		s := step{text: text, tls: verb == "starttls"}
		if verb == "expect" {
			s.expr = regexp.MustCompile("(?m)" + text)
		}
		steps = append(steps, s)
	}
	return steps
}
