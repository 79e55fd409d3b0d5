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

// A Dialogue is what a probe sends and what it expects to receive, in order. Build it
// from "" with Send, Expect and StartTLS. It is a string so that checks are comparable.
type Dialogue string

// Send returns d with a step that sends text.
func (d Dialogue) Send(text string) Dialogue { return d.with("send", text) }

// Expect returns d with a step that receives until the regular expression expr matches.
// In expr, ^ and $ also match at the beginning and the end of a line.
func (d Dialogue) Expect(expr string) Dialogue { return d.with("expect", expr) }

// StartTLS returns d with a TLS handshake. The steps after it are inside TLS.
func (d Dialogue) StartTLS() Dialogue { return d.with("starttls", "") }

// StartsTLS reports whether d has a TLS handshake.
func (d Dialogue) StartsTLS() bool {
	return slices.ContainsFunc(d.steps(), func(s step) bool { return s.tls })
}

func (d Dialogue) with(verb, text string) Dialogue {
	return d + Dialogue(verb+" "+strconv.Quote(text)+"\n")
}

// A step sends, expects or starts TLS.
type step struct {
	text string         // what is sent, or the source of expr
	expr *regexp.Regexp // nil for a step that sends
	tls  bool           // the step is the TLS handshake
}

// steps returns the steps of d. It panics if an expression does not compile.
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

// maxUnmatched is how many bytes are kept while an expression does not match.
const maxUnmatched = 64 << 10

// A dialogueRun runs the steps of a Dialogue on a connection.
type dialogueRun struct {
	conn      net.Conn
	chunk     int        // the least room for one read
	unmatched []byte     // received after the last match
	tls       *tlsSource // nil if no step starts TLS
	midLine   bool       // the last match did not end with a newline
}

var errNoMatch = errors.New("no match in 64 KiB")

// run does the steps until one fails or ctx ends. A send to a peer that has closed
// is an error only if nothing is expected afterwards: a peer may send all that is
// expected and close before it has read anything.
func (r *dialogueRun) run(ctx context.Context, steps []step) (unsent error) {
	defer dial.EndWith(ctx, r.conn)()
	for _, s := range steps {
		err := r.doStep(ctx, s)
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

// doStep does one step. Its errors show nothing that was sent or received.
func (r *dialogueRun) doStep(ctx context.Context, s step) error {
	if s.tls {
		return r.startTLS(ctx)
	}
	if s.expr == nil {
		_, err := io.WriteString(r.conn, s.text)
		return connError(ctx, "send", err)
	}
	err := r.expect(s.expr)
	if err == nil {
		return nil
	}
	return connError(ctx, fmt.Sprintf(`expect "%s"`, s.text), err)
}

// expect receives until expr matches, and drops everything up to the end of the match.
func (r *dialogueRun) expect(expr *regexp.Regexp) error {
	for {
		if len(r.unmatched) > 0 {
			if at := expr.FindIndex(r.unmatched); at != nil {
				r.midLine = at[1] == 0 || r.unmatched[at[1]-1] != '\n'
				r.unmatched = r.unmatched[at[1]:]
				return nil
			}
		}
		if len(r.unmatched) >= maxUnmatched {
			return errNoMatch
		}
		if err := r.receive(); err != nil {
			return err
		}
	}
}

// receive reads once and appends what it got to r.unmatched.
func (r *dialogueRun) receive() error {
	have := len(r.unmatched)
	r.unmatched = slices.Grow(r.unmatched, r.chunk)
	n, err := r.conn.Read(r.unmatched[have:min(cap(r.unmatched), maxUnmatched)])
	r.unmatched = r.unmatched[:have+n]
	if n > 0 {
		return nil // the next read returns the error again
	}
	return err
}

// connError returns err, met on a connection while doing something, in words. nil stays nil.
func connError(ctx context.Context, doing string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF): // the latter is TLS without close_notify
		return dial.Because(ctx, doing, dial.ErrClosed)
	case dial.IsExhausted(err):
		return healthcheck.MarkInconclusive(dial.Because(ctx, doing, dial.InShort(err)))
	}
	return dial.Because(ctx, doing, dial.InShort(err))
}
