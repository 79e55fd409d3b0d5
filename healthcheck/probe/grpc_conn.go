package probe

import (
	"cmp"
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"sync/atomic"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/healthcheck/internal/dial"
)

// A grpcConn is a client with one connection, which it neither makes nor makes
// anew: the connection is made here, so that its errors say how far it came,
// and when it is lost the calls on it have failed.
type grpcConn struct {
	client *grpc.ClientConn
	raw    net.Conn // below TLS
	noted  *notingConn
	said   *heardConn // above TLS
}

// open connects on behalf of the endpoint at addr. The caller closes.
func (p *grpcProber) open(ctx context.Context, addr netip.Addr) (*grpcConn, error) {
	raw, err := connect(ctx, p.dial, p.check.Target.address(addr), p.check.ProxyProtocol)
	if err != nil {
		return nil, err
	}
	conn, err := p.secure(ctx, raw)
	if err != nil {
		_ = raw.Close()
		return nil, err
	}
	said := &heardConn{Conn: conn}
	noted := &notingConn{Conn: said}
	client, err := grpc.NewClient("passthrough:///target", p.options(noted, addr)...)
	if err != nil {
		_ = raw.Close()
		return nil, healthcheck.MarkInconclusive(err)
	}
	return &grpcConn{client, raw, noted, said}, nil
}

var errNoHTTP2 = errors.New("TLS handshake: the server does not agree to HTTP/2")

// secure returns conn, or the TLS connection on it.
func (p *grpcProber) secure(ctx context.Context, conn net.Conn) (net.Conn, error) {
	if !p.check.TLS {
		return conn, nil
	}
	config, err := p.tls.config(ctx, p.check.TLSOptions.ServerName, false)
	if err != nil {
		return nil, healthcheck.MarkInconclusive(err)
	}
	config.NextProtos = []string{"h2"}
	secure, err := handshake(ctx, conn, config)
	if err != nil {
		return nil, err
	}
	if secure.ConnectionState().NegotiatedProtocol != "h2" {
		return nil, errNoHTTP2
	}
	return secure, nil
}

// options are those of a client on conn alone. What a server sends is small,
// and many probes may wait at a time.
func (p *grpcProber) options(conn net.Conn, addr netip.Addr) []grpc.DialOption {
	return []grpc.DialOption{
		grpc.WithContextDialer(onlyConn(conn)),
		grpc.WithTransportCredentials(doneHandshake{tls: p.check.TLS}),
		grpc.WithAuthority(bracketed(cmp.Or(p.check.Authority, p.check.Target.host(addr)))),
		grpc.WithUserAgent(userAgent),
		grpc.WithNoProxy(),
		grpc.WithDisableRetry(),
		grpc.WithDisableServiceConfig(),
		grpc.WithDisableHealthCheck(),
		grpc.WithIdleTimeout(0),
		grpc.WithMaxHeaderListSize(16 << 10),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(4 << 10)),
		grpc.WithInitialWindowSize(64 << 10), // and no goroutine of grpc that measures what is better
		grpc.WithInitialConnWindowSize(64 << 10),
		grpc.WithReadBufferSize(2 << 10),
		grpc.WithWriteBufferSize(1 << 10),
	}
}

// onlyConn dials once.
func onlyConn(conn net.Conn) func(context.Context, string) (net.Conn, error) {
	var taken atomic.Bool
	return func(context.Context, string) (net.Conn, error) {
		if taken.Swap(true) {
			return nil, dial.ErrClosed
		}
		return conn, nil
	}
}

// close leaves nothing behind. The connection goes first: the client would
// wait for a peer that does not read to take its parting word.
func (c *grpcConn) close() {
	_ = c.raw.Close()
	_ = c.client.Close()
}

// failure returns in words what went wrong with the connection, or nil.
func (c *grpcConn) failure() error {
	err := c.noted.err.Load()
	switch {
	case err == nil:
		return nil
	case errors.Is(*err, net.ErrClosed), errors.Is(*err, io.ErrClosedPipe):
		return errGivenUp
	}
	return dial.ClosedOr(*err)
}

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

// doneHandshake are the credentials of a connection on which the handshake, if there is
// one, has been made.
type doneHandshake struct{ tls bool }

func (doneHandshake) ClientHandshake(_ context.Context, _ string, c net.Conn) (net.Conn, credentials.AuthInfo, error) {
	return c, nil, nil
}

func (doneHandshake) ServerHandshake(net.Conn) (net.Conn, credentials.AuthInfo, error) {
	return nil, nil, errors.New("no server")
}

// Info tells the scheme of the calls.
func (m doneHandshake) Info() credentials.ProtocolInfo {
	if m.tls {
		return credentials.ProtocolInfo{SecurityProtocol: "tls"}
	}
	return credentials.ProtocolInfo{SecurityProtocol: "insecure"}
}

func (m doneHandshake) Clone() credentials.TransportCredentials { return m }

func (doneHandshake) OverrideServerName(string) error { return nil }
