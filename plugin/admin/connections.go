package admin

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"slices"
	"sync"
)

// connections are those of a listener. Beyond maxConns one is closed for each new one: the
// one that has waited longest for a whole request, or else the one that has been served for
// longest. So who holds many open keeps nobody out.
type connections struct {
	mu      sync.Mutex // guards the following
	waiting []net.Conn // for a request, the longest first
	served  []net.Conn // whose request is there, the longest first
}

// changed is the hook of http.Server. What is active may have sent a part of a request
// only.
func (c *connections) changed(conn net.Conn, s http.ConnState) {
	switch s {
	case http.StateNew:
		c.move(conn, true)
		c.makeRoom()
	case http.StateIdle:
		c.move(conn, true)
	case http.StateClosed, http.StateHijacked:
		c.mu.Lock()
		defer c.mu.Unlock()
		c.removeLocked(conn)
	}
}

// serves notes that the whole request of a connection is there. ctx is that of the request.
func (c *connections) serves(ctx context.Context) {
	if conn, ok := ctx.Value(connKey{}).(net.Conn); ok {
		c.move(conn, false)
	}
}

func (c *connections) move(conn net.Conn, waits bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.removeLocked(conn)
	if waits {
		c.waiting = append(c.waiting, conn)
	} else {
		c.served = append(c.served, conn)
	}
}

func (c *connections) removeLocked(conn net.Conn) {
	is := func(o net.Conn) bool { return o == conn }
	c.waiting = slices.DeleteFunc(c.waiting, is)
	c.served = slices.DeleteFunc(c.served, is)
}

func (c *connections) makeRoom() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.waiting)+len(c.served) <= maxConns {
		return
	}
	from := &c.waiting
	if len(c.waiting) == 1 { // the new one
		from = &c.served
	}
	socketOf((*from)[0]).Close()
	*from = slices.Delete(*from, 0, 1)
}

// connKey is the key of the connection in the context of its requests.
type connKey struct{}

func withConn(ctx context.Context, conn net.Conn) context.Context {
	return context.WithValue(ctx, connKey{}, conn)
}

// socketOf returns what is below TLS: to close that never blocks, and it has the size of
// the buffers.
func socketOf(conn net.Conn) net.Conn {
	if t, ok := conn.(*tls.Conn); ok {
		return t.NetConn()
	}
	return conn
}
