package probe

import (
	"context"
	"net"

	"github.com/pires/go-proxyproto"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/healthcheck/internal/dial"
)

// connect opens a TCP connection to a host and port, and sends the PROXY header of that
// version on it.
func connect(ctx context.Context, open dial.Func, address string, version byte) (net.Conn, error) {
	conn, err := open(ctx, "tcp", address)
	if err != nil {
		return nil, dial.Error(ctx, err)
	}
	if err := sendProxyHeader(ctx, conn, version); err != nil {
		_ = conn.Close()
		return nil, err
	}
	return conn, nil
}

// sendProxyHeader sends the header of the PROXY protocol, version 1 or 2, with the
// addresses of the connection. Version 0 is none.
func sendProxyHeader(ctx context.Context, conn net.Conn, version byte) error {
	if version == 0 {
		return nil
	}
	from, err := dial.BoundAddr(conn)
	if err != nil {
		return healthcheck.MarkInconclusive(err)
	}
	header, err := proxyproto.HeaderProxyFromAddrs(version, from, conn.RemoteAddr()).Format()
	if err != nil {
		return healthcheck.MarkInconclusive(err)
	}
	defer dial.EndWith(ctx, conn)()
	_, err = conn.Write(header)
	return connError(ctx, "send the PROXY header", err)
}
