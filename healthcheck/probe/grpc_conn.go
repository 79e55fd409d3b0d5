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

// A grpcConn is a client of grpc-go on one connection. The connection is made here, so
// that its errors say which step failed. The client does not reconnect: when the
// connection is lost, the calls on it fail.
type grpcConn struct {
	client     *grpc.ClientConn
	raw        net.Conn // below TLS
	firstError *firstErrorConn
	said       *heardConn // above TLS
}

// open connects to the target of the endpoint at addr. The caller closes the result.
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
	firstError := &firstErrorConn{Conn: said}
	client, err := grpc.NewClient("passthrough:///target", p.options(firstError, addr)...)
	if err != nil {
		_ = raw.Close()
		return nil, healthcheck.MarkInconclusive(err)
	}
	return &grpcConn{client, raw, firstError, said}, nil
}

var errNoHTTP2 = errors.New("TLS handshake: the server does not agree to HTTP/2")

// secure returns conn, or a TLS connection on it if the check has TLS.
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

// options returns the options of a client on conn. Buffers are small because replies are
// small and many probes may wait at a time.
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
		grpc.WithInitialWindowSize(64 << 10), // a fixed size needs no goroutine that measures
		grpc.WithInitialConnWindowSize(64 << 10),
		grpc.WithReadBufferSize(2 << 10),
		grpc.WithWriteBufferSize(1 << 10),
	}
}

// onlyConn returns a dialer that returns conn once, and fails afterwards.
func onlyConn(conn net.Conn) func(context.Context, string) (net.Conn, error) {
	var taken atomic.Bool
	return func(context.Context, string) (net.Conn, error) {
		if taken.Swap(true) {
			return nil, dial.ErrClosed
		}
		return conn, nil
	}
}

// close closes the connection, then the client. In the other order the client would
// wait to send a GOAWAY to a peer that does not read.
func (c *grpcConn) close() {
	_ = c.raw.Close()
	_ = c.client.Close()
}

// failure returns the first error of the connection in words, or nil.
func (c *grpcConn) failure() error {
	err := c.firstError.err.Load()
	switch {
	case err == nil:
		return nil
	case errors.Is(*err, net.ErrClosed), errors.Is(*err, io.ErrClosedPipe):
		return errUnusable
	}
	return dial.ClosedOr(*err)
}

// errUnusable is one error for two causes: which of them grpc-go reports first varies.
var errUnusable = errors.New("connection closed, or not HTTP/2")

// A firstErrorConn keeps the first error of Read, or errUnusable if grpc-go closes it
// before: grpc-go does so only if it can no longer read or write.
type firstErrorConn struct {
	net.Conn
	err atomic.Pointer[error]
}

func (c *firstErrorConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if err != nil {
		c.err.CompareAndSwap(nil, &err)
	}
	return n, err
}

func (c *firstErrorConn) Close() error {
	c.err.CompareAndSwap(nil, &errUnusable)
	return c.Conn.Close()
}

// doneHandshake are the credentials for a connection without TLS, or one whose handshake
// has been made.
type doneHandshake struct{ tls bool }

func (doneHandshake) ClientHandshake(_ context.Context, _ string, c net.Conn) (net.Conn, credentials.AuthInfo, error) {
	return c, nil, nil
}

func (doneHandshake) ServerHandshake(net.Conn) (net.Conn, credentials.AuthInfo, error) {
	return nil, nil, errors.New("no server")
}

// Info returns the protocol, from which grpc-go derives the :scheme of the calls.
func (d doneHandshake) Info() credentials.ProtocolInfo {
	if d.tls {
		return credentials.ProtocolInfo{SecurityProtocol: "tls"}
	}
	return credentials.ProtocolInfo{SecurityProtocol: "insecure"}
}

func (d doneHandshake) Clone() credentials.TransportCredentials { return d }

func (doneHandshake) OverrideServerName(string) error { return nil }
