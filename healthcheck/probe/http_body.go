package probe

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"regexp/syntax"
	"slices"
	"time"

	"github.com/coredns-failover/failover/healthcheck/internal/dial"
)

const (
	maxBody   = 64 << 10 // how much of a body is read and matched
	bodyStart = 512      // the first size of its buffer; most are small

	// drainTime is how long the rest of a body is read.
	drainTime = 100 * time.Millisecond
)

// firstOf returns the first 64 KiB of a body. To close them reads nothing.
func firstOf(body io.ReadCloser) io.ReadCloser {
	if body == http.NoBody {
		return body
	}
	return io.NopCloser(io.LimitReader(body, maxBody))
}

// drain reads the rest of a body for a moment. If the connection is closed while a target
// sends, it logs a broken pipe.
func (x *exchange) drain(body io.ReadCloser) {
	if body == http.NoBody || x.conn.SetReadDeadline(time.Now().Add(drainTime)) != nil {
		return
	}
	_, _ = io.CopyN(io.Discard, body, maxBody)
}

// verifyBody returns nil if the body passes, or why it does not.
func (p *httpProber) verifyBody(ctx context.Context, resp *http.Response) error {
	if p.body == nil && p.bodyNot == nil && p.assert == nil {
		return nil
	}
	enough := p.matchesAlready
	if p.bodyNot != nil || p.assert != nil {
		enough = nil // these need the whole body
	}
	body, err := readBody(ctx, resp, enough)
	switch {
	case err != nil:
		return err
	case p.body != nil && !p.body.Match(body):
		return fmt.Errorf(`body does not match "%s"`, p.body)
	case p.bodyNot != nil && p.bodyNot.Match(body):
		return fmt.Errorf(`body matches "%s"`, p.bodyNot)
	case p.assert != nil:
		return p.assert.verify(ctx, resp, body)
	}
	return nil
}

// matchesAlready reports whether every body that begins with text matches.
func (p *httpProber) matchesAlready(text []byte) bool {
	at := p.body.FindIndex(text)
	return at != nil && (at[1] < len(text) || !p.looksAhead)
}

// looksAhead reports whether a match depends on the text after it, as with "$" and "\b".
func looksAhead(expr *regexp.Regexp) bool {
	if expr == nil {
		return false
	}
	parsed, err := syntax.Parse(expr.String(), syntax.Perl)
	if err != nil {
		return true
	}
	prog, err := syntax.Compile(parsed.Simplify())
	const ahead = syntax.EmptyEndLine | syntax.EmptyEndText | syntax.EmptyWordBoundary | syntax.EmptyNoWordBoundary
	return err != nil || slices.ContainsFunc(prog.Inst, func(i syntax.Inst) bool {
		return i.Op == syntax.InstEmptyWidth && syntax.EmptyOp(i.Arg)&ahead != 0
	})
}

// readBody returns the body of resp. It stops early once enough is true of what it has
// read, unless enough is nil.
func readBody(ctx context.Context, resp *http.Response, enough func([]byte) bool) (body []byte, err error) {
	for err == nil {
		have := len(body)
		if have == cap(body) {
			body = slices.Grow(body, max(bodyStart, have))
		}
		var n int
		n, err = resp.Body.Read(body[have:cap(body)])
		body = body[:have+n]
		if enough != nil && n > 0 && enough(body) {
			return body, nil
		}
	}
	if !errors.Is(err, io.EOF) && !(dial.PeerGone(err) && endsWithConn(resp)) {
		return nil, dial.Because(ctx, "reading the body", answerError(err))
	}
	return body, nil
}

// endsWithConn reports whether a body ends with the connection. That end is a reset if the
// target has not read the request.
func endsWithConn(resp *http.Response) bool {
	return resp.ContentLength < 0 && len(resp.TransferEncoding) == 0
}
