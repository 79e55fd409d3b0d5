package dial

import (
	"context"
	"net"
	"net/netip"
	"time"

	"github.com/coredns-failover/failover/healthcheck/dnsreply"
)

// A Func opens a connection, like [net.Dialer.DialContext]. Tests put
// pipes in the network's place with it.
type Func func(ctx context.Context, network, address string) (net.Conn, error)

var dialer = newDialer()

// Dial is the [Func] of every probe outside of tests, for TCP and UDP. A connection of
// TCP is closed by a FIN, and then an RST.
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

// dialAny connects to whatever a host and port lead to.
func dialAny(ctx context.Context, network, address string) (net.Conn, error) {
	return dialFrom(ctx, dialer, network, address)
}

// newDialer returns a Dialer that does for an address no more than a connect.
// Its DialTCP looks cheaper but binds first, and so takes a local port away
// from the connections to all addresses.
func newDialer() *net.Dialer {
	d := &net.Dialer{
		KeepAlive: -1, // a connection lives for one probe
		Control:   reportUnreachable,
		// Lookups in Go end with the probe's context; one in C does not.
		Resolver: &net.Resolver{PreferGo: true, Dial: dnsreply.DialNameServer},
	}
	d.SetMultipathTCP(false)
	return d
}

// A politeConn ends with a FIN and then an RST. The peer reads an orderly end
// of file, because the FIN comes first, and writes no line about a reset into
// its log. The RST frees the port at once: with a FIN alone, a thousand probes
// a second leave 60,000 connections in TIME_WAIT, and more in the tables of the
// firewalls on the way.
type politeConn struct{ *net.TCPConn } // with a linger of 0

func (c politeConn) Close() error {
	c.CloseWrite()
	return c.TCPConn.Close()
}

// EndWith lets reads and writes on conn end with ctx, until stop is called.
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
