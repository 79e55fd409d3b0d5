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

// startTLS makes a TLS connection of the one that the dialogue runs on. What is
// left of the line that matched last is skipped. Whatever is behind that line is
// refused: it came in the clear, from anybody, and is not to be taken for what is
// said inside TLS (CVE-2011-0411).
func (t *dialogueRun) startTLS(ctx context.Context) error {
	skipping := t.inner
	if i := bytes.IndexByte(t.heard, '\n'); i >= 0 && skipping {
		t.heard, skipping = t.heard[i+1:], false
	} else if skipping {
		t.heard = nil
	}
	if len(t.heard) > 0 {
		return errInjected
	}
	config, err := t.tls.config(ctx, t.tls.options.ServerName, false)
	if err != nil {
		return healthcheck.MarkInconclusive(err)
	}
	// What comes instead of TLS is not told: it may be an echo of what was sent.
	untold := func() string { return "" }
	secure, err := shake(ctx, tls.Client(&lineTail{t.conn, skipping}, config), untold)
	if err != nil {
		return err
	}
	t.conn, t.heard = secure, nil
	return nil
}

// A lineTail is a connection on which the rest of a line may come before TLS.
type lineTail struct {
	net.Conn
	skipping bool
}

// Read skips all up to the first newline or TLS record: no text begins with the
// type of a record.
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
		if skipped += n; skipped > maxHeard {
			return 0, errTalkative
		}
	}
	return n, err
}

// isRecord reports whether p begins as an alert or a handshake of TLS does (RFC
// 8446, section 5.1).
func isRecord(p []byte) bool { return p[0] == 0x15 || p[0] == 0x16 }
