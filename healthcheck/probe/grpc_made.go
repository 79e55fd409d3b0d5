package probe

import (
	"context"
	"errors"
	"net"
	"sync/atomic"

	"google.golang.org/grpc/credentials"
)

// errGivenUp is one for both on purpose: which of them shows depends on what
// grpc-go notices first.
var errGivenUp = errors.New("connection closed, or not HTTP/2")

// A notingConn notes the first error that a reader has met, or that grpc-go
// closes it: that does so only if it can go on neither reading nor writing.
type notingConn struct {
	net.Conn
	err atomic.Pointer[error]
}

func (c *notingConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if err != nil {
		c.err.CompareAndSwap(nil, &err)
	}
	return n, err
}

func (c *notingConn) Close() error {
	c.err.CompareAndSwap(nil, &errGivenUp)
	return c.Conn.Close()
}

// made are the credentials of a connection on which the handshake, if there is
// one, has been made.
type made struct{ tls bool }

func (made) ClientHandshake(_ context.Context, _ string, c net.Conn) (net.Conn, credentials.AuthInfo, error) {
	return c, nil, nil
}

func (made) ServerHandshake(net.Conn) (net.Conn, credentials.AuthInfo, error) {
	return nil, nil, errors.New("no server")
}

// Info tells the scheme of the calls.
func (m made) Info() credentials.ProtocolInfo {
	if m.tls {
		return credentials.ProtocolInfo{SecurityProtocol: "tls"}
	}
	return credentials.ProtocolInfo{SecurityProtocol: "insecure"}
}

func (m made) Clone() credentials.TransportCredentials { return m }

func (made) OverrideServerName(string) error { return nil }
