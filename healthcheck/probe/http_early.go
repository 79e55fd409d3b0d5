package probe

import (
	"net"
	"sync"

	"github.com/coredns-failover/failover/healthcheck/internal/dial"
)

// A requestConn is the connection of one request, to a target that may answer and
// close before it has read that. The transport of net/http takes an answer before
// the request for a mistake, and does not look for one where it cannot write.
type requestConn struct {
	net.Conn
	once  sync.Once
	begun chan struct{} // closed once the request is on its way, or never will be
}

func newRequestConn(conn net.Conn) *requestConn {
	return &requestConn{Conn: conn, begun: make(chan struct{})}
}

func (c *requestConn) begin() { c.once.Do(func() { close(c.begun) }) }

// Read waits for the request.
func (c *requestConn) Read(b []byte) (int, error) {
	<-c.begun
	return c.Conn.Read(b)
}

// Write leaves it to Read to say that the target has gone: what it said before is
// still to be read.
func (c *requestConn) Write(b []byte) (int, error) {
	c.begin()
	n, err := c.Conn.Write(b)
	if dial.PeerGone(err) {
		return len(b), nil
	}
	return n, err
}

func (c *requestConn) Close() error {
	c.begin()
	return c.Conn.Close()
}
