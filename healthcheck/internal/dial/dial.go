package dial

import (
	"context"
	"net"
	"net/netip"
	"time"

	"github.com/coredns-failover/failover/healthcheck/dnsreply"
)

// A Func opens a connection, like [net.Dialer.DialContext]. Tests replace the network by
// pipes with it.
type Func func(ctx context.Context, network, address string) (net.Conn, error)

var dialer = newDialer()

// Dial is the [Func] of all probes outside of tests, for TCP and UDP. Close sends a FIN and
// then an RST on TCP.
func Dial(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := connect(ctx, network, address)
	if err != nil {
		return nil, err
	}
	tcp, ok := conn.(*net.TCPConn)
	if !ok {
		return conn, nil
	}
	tcp.SetLinger(0)
	return politeConn{tcp}, nil
}

// dialAny connects to a host and port with the net package.
func dialAny(ctx context.Context, network, address string) (net.Conn, error) {
	return dialFrom(ctx, dialer, network, address)
}

// newDialer returns a Dialer that makes no more system calls than needed. net.DialTCP looks
// cheaper, but it binds, and so takes a local port from the connections to all addresses.
func newDialer() *net.Dialer {
	d := &net.Dialer{
		KeepAlive: -1, // a connection is for one probe
		Control:   reportUnreachable,
		// A lookup in Go ends with the context; one in C does not.
		Resolver: &net.Resolver{PreferGo: true, Dial: dnsreply.DialNameServer},
	}
	d.SetMultipathTCP(false)
	return d
}

// A politeConn sends a FIN and then an RST when it is closed. Because of the FIN the peer
// reads EOF, and logs no reset. The RST frees the port at once: with a FIN alone, a thousand
// probes a second leave 60,000 connections in TIME_WAIT, and more in the tables of firewalls.
type politeConn struct{ *net.TCPConn } // with a linger of 0

func (c politeConn) Close() error {
	c.CloseWrite()
	return c.TCPConn.Close()
}

// EndWith ends reads and writes on conn when ctx ends, until stop is called.
func EndWith(ctx context.Context, conn net.Conn) (stop func() bool) {
	return context.AfterFunc(ctx, func() { conn.SetDeadline(time.Unix(1, 0)) })
}

func ipAddr(addr netip.Addr) *net.IPAddr { return &net.IPAddr{IP: addr.AsSlice(), Zone: addr.Zone()} }

// BoundAddr returns the local address and port of a connection.
func BoundAddr(conn net.Conn) (net.Addr, error) {
	if s, ok := conn.(interface{ boundAddr() (net.Addr, error) }); ok {
		return s.boundAddr()
	}
	return conn.LocalAddr(), nil
}
