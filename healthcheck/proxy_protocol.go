package healthcheck

import (
	"context"
	"net"

	"github.com/pires/go-proxyproto"
)

// connect opens a connection to a host and port, and introduces itself on it.
func connect(ctx context.Context, dial dialFunc, address string, version byte) (net.Conn, error) {
	conn, err := dial(ctx, "tcp", address)
	if err != nil {
		return nil, dialError(ctx, err)
	}
	if err := introduce(ctx, conn, version); err != nil {
		_ = conn.Close()
		return nil, err
	}
	return conn, nil
}

// introduce sends the header of the PROXY protocol, version 1 or 2, with the
// addresses of the connection itself. 0 sends none.
func introduce(ctx context.Context, conn net.Conn, version byte) error {
	if version == 0 {
		return nil
	}
	from, err := boundAddr(conn)
	if err != nil {
		return CannotAsk(err)
	}
	header, err := proxyproto.HeaderProxyFromAddrs(version, from, conn.RemoteAddr()).Format()
	if err != nil {
		return CannotAsk(err)
	}
	defer endWith(ctx, conn)()
	_, err = conn.Write(header)
	return talkError(ctx, "send the PROXY header", err)
}
