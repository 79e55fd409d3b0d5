package probe

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"net"

	"github.com/coredns-failover/failover/healthcheck"
)

var errInjected = errors.New("starttls: more than one line was said before the handshake")

// startTLS replaces the connection of the dialogue by a TLS connection on it. It skips
// the rest of the line that matched last, and refuses text after that line: it came in
// the clear, and must not pass for text inside TLS (CVE-2011-0411).
func (r *dialogueRun) startTLS(ctx context.Context) error {
	skipping := r.midLine
	if i := bytes.IndexByte(r.unmatched, '\n'); i >= 0 && skipping {
		r.unmatched, skipping = r.unmatched[i+1:], false
	} else if skipping {
		r.unmatched = nil
	}
	if len(r.unmatched) > 0 {
		return errInjected
	}
	config, err := r.tls.config(ctx, r.tls.options.ServerName, false)
	if err != nil {
		return healthcheck.MarkInconclusive(err)
	}
	// No error quotes an answer that is not TLS: it may be an echo of what was sent.
	unquoted := func() string { return "" }
	secure, err := completeHandshake(ctx, tls.Client(&lineTail{r.conn, skipping}, config), unquoted)
	if err != nil {
		return err
	}
	r.conn, r.unmatched = secure, nil
	return nil
}

// A lineTail is a connection on which the rest of a line may precede TLS.
type lineTail struct {
	net.Conn
	skipping bool
}

// Read skips everything up to the first newline or TLS record. Text does not look like a
// record: the types of records are control characters.
func (c *lineTail) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	for skipped := 0; c.skipping && n > 0; n, err = c.Conn.Read(p) {
		if isRecord(p[:n]) {
			c.skipping = false
			break
		}
		if i := bytes.IndexByte(p[:n], '\n'); i >= 0 {
			c.skipping = false
			if n = copy(p, p[i+1:n]); n > 0 {
				break
			}
		}
		if skipped += n; skipped > maxUnmatched {
			return 0, errNoMatch
		}
	}
	return n, err
}

// isRecord reports whether p begins like a TLS record of an alert or a handshake (RFC
// 8446, section 5.1).
func isRecord(p []byte) bool { return p[0] == 0x15 || p[0] == 0x16 }
