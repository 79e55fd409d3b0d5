package probe

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"regexp"
	"slices"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/healthcheck/internal/dial"
)

// maxHeard is how much of what a peer says is kept until it matches.
const maxHeard = 64 << 10

// A talk is a Dialogue on its way.
type talk struct {
	conn  net.Conn
	chunk int        // read at a time, at least
	heard []byte     // and not matched yet
	tls   *tlsSource // for a step that starts TLS
	inner bool       // the last match ended within a line
}

var errTalkative = errors.New("no match in 64 KiB")

// hold takes the steps until one fails, or ctx ends. A peer may have said all that
// is expected of it, and gone, before it could be sent anything.
func (t *talk) hold(ctx context.Context, steps []step) (unsent error) {
	defer dial.EndWith(ctx, t.conn)()
	for _, s := range steps {
		err := t.take(ctx, s)
		switch {
		case s.expr == nil && dial.HasGone(err):
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
func (t *talk) take(ctx context.Context, s step) error {
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
func (t *talk) expect(expr *regexp.Regexp) error {
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

func (t *talk) listen() error {
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
		return healthcheck.CannotAsk(dial.Because(ctx, doing, dial.InShort(err)))
	}
	return dial.Because(ctx, doing, dial.InShort(err))
}
