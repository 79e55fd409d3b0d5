package probe

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/healthcheck/internal/dial"
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

// maxHeard is how much of what a peer says is kept until it matches.
const maxHeard = 64 << 10

// A dialogueRun is a Dialogue on its way.
type dialogueRun struct {
	conn  net.Conn
	chunk int        // read at a time, at least
	heard []byte     // and not matched yet
	tls   *tlsSource // for a step that starts TLS
	inner bool       // the last match ended within a line
}

var errTalkative = errors.New("no match in 64 KiB")

// run takes the steps until one fails, or ctx ends. A peer may have said all that
// is expected of it, and gone, before it could be sent anything.
func (t *dialogueRun) run(ctx context.Context, steps []step) (unsent error) {
	defer dial.EndWith(ctx, t.conn)()
	for _, s := range steps {
		err := t.take(ctx, s)
		switch {
		case s.expr == nil && dial.PeerGone(err):
			unsent = err
		case err != nil:
			return err
		case s.expr != nil:
			unsent = nil
		}
	}
	return unsent
}

// take takes one step. No error says what was sent or heard.
func (t *dialogueRun) take(ctx context.Context, s step) error {
	if s.tls {
		return t.startTLS(ctx)
	}
	if s.expr == nil {
		_, err := io.WriteString(t.conn, s.text)
		return talkError(ctx, "send", err)
	}
	err := t.expect(s.expr)
	if err == nil {
		return nil
	}
	return talkError(ctx, fmt.Sprintf(`expect "%s"`, s.text), err)
}

// expect listens until something matches, and goes on behind that.
func (t *dialogueRun) expect(expr *regexp.Regexp) error {
	for {
		if len(t.heard) > 0 {
			if at := expr.FindIndex(t.heard); at != nil {
				t.inner = at[1] == 0 || t.heard[at[1]-1] != '\n'
				t.heard = t.heard[at[1]:]
				return nil
			}
		}
		if len(t.heard) >= maxHeard {
			return errTalkative
		}
		if err := t.listen(); err != nil {
			return err
		}
	}
}

func (t *dialogueRun) listen() error {
	have := len(t.heard)
	t.heard = slices.Grow(t.heard, t.chunk)
	n, err := t.conn.Read(t.heard[have:min(cap(t.heard), maxHeard)])
	t.heard = t.heard[:have+n]
	if n > 0 {
		return nil // an error comes again
	}
	return err
}

// talkError says why a conversation ended while it was doing something.
func talkError(ctx context.Context, doing string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF): // the latter is TLS's without a parting word
		return dial.Because(ctx, doing, dial.ErrClosed)
	case dial.IsExhausted(err):
		return healthcheck.MarkInconclusive(dial.Because(ctx, doing, dial.InShort(err)))
	}
	return dial.Because(ctx, doing, dial.InShort(err))
}
