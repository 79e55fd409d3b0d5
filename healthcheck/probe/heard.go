package probe

import (
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync"
)

// A heardConn keeps the first bytes that the peer sends. Errors quote them if the peer
// speaks another protocol than expected.
type heardConn struct {
	net.Conn
	mu  sync.Mutex // guards the following
	buf [maxExcerpt + 1]byte
	n   int // bytes of buf
}

func (c *heardConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if n > 0 {
		c.mu.Lock()
		c.n += copy(c.buf[c.n:], p[:n])
		c.mu.Unlock()
	}
	return n, err
}

// heard returns the first bytes that the peer has sent.
func (c *heardConn) heard() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return string(c.buf[:c.n])
}

// notAnswer returns the error for an answer that begins with text and is not of the
// protocol.
func notAnswer(protocol, text string) error {
	switch {
	case text == "":
		return fmt.Errorf("answer is not %s", protocol)
	case isTLS(text):
		return fmt.Errorf("answer is not %s but TLS", protocol)
	}
	return fmt.Errorf("answer is not %s: %s", protocol, quote(text))
}

// quote returns the first line of text in quotes: shortened, and with escapes for
// characters that do not print.
func quote(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	line = strings.TrimRight(line, "\r")
	if len(line) > maxExcerpt {
		line = strings.ToValidUTF8(line[:maxExcerpt], "") + "..."
	}
	return strconv.Quote(line)
}

// isTLS reports whether text begins with a TLS record of an alert or a handshake.
func isTLS(text string) bool { return len(text) > 1 && isRecord([]byte(text)) && text[1] == 3 }

// isHTTP reports whether text can be the beginning of an HTTP/1 answer.
func isHTTP(text string) bool {
	line, _, whole := strings.Cut(text, "\n")
	if !whole {
		const start = "HTTP/1."
		n := min(len(line), len(start))
		return line[:n] == start[:n]
	}
	version, rest, _ := strings.Cut(line, " ")
	code, _, _ := strings.Cut(strings.TrimSpace(rest), " ")
	_, err := strconv.ParseUint(code, 10, 16)
	return (version == "HTTP/1.1" || version == "HTTP/1.0") && len(code) == 3 && err == nil
}

// isHTTP2 reports whether text can be the beginning of what an HTTP/2 server sends: a
// SETTINGS frame (RFC 9113, section 3.4). The fourth byte of a frame is its type.
func isHTTP2(text string) bool { return len(text) < 4 || text[3] == 4 }
