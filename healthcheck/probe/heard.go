package probe

import (
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync"
)

// A heardConn keeps the beginning of what the peer says, to tell what it speaks
// if that is not what was expected.
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

// heard returns the beginning of what the peer has said.
func (c *heardConn) heard() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return string(c.buf[:c.n])
}

// notAnswer says that what a peer said, which began with text, is not of a protocol.
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
// all that does not print, such as controls and marks of direction.
func quote(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	line = strings.TrimRight(line, "\r")
	if len(line) > maxExcerpt {
		line = strings.ToValidUTF8(line[:maxExcerpt], "") + "..."
	}
	return strconv.Quote(line)
}

// isTLS reports whether text begins with an alert or a handshake of TLS.
func isTLS(text string) bool { return len(text) > 1 && isRecord([]byte(text)) && text[1] == 3 }

// isHTTP reports whether text can be the beginning of an answer of HTTP/1.
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

// isHTTP2 reports whether text can be the beginning of what a server of HTTP/2
// says: a SETTINGS frame (RFC 9113, section 3.4), the type of which is its fourth byte.
func isHTTP2(text string) bool { return len(text) < 4 || text[3] == 4 }
