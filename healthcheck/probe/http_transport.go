package probe

import (
	"context"
	"errors"
	"net"
	"net/http"
)

// A connKey finds, in the context of a request, the connection to use.
type connKey struct{}

// newTransport returns a Transport that makes one request on the connection
// that the request's context holds. It is HTTP/1.1 because it has no TLS of its
// own, and knows no proxy.
func newTransport() *http.Transport {
	return &http.Transport{
		DialContext:            heldConn,
		DialTLSContext:         heldConn,
		DisableKeepAlives:      true,
		DisableCompression:     true,
		MaxResponseHeaderBytes: 64 << 10,
		// A request and the header of an answer are small, and many probes
		// may wait at a time.
		WriteBufferSize: 1 << 10,
		ReadBufferSize:  2 << 10,
	}
}

func heldConn(ctx context.Context, _, _ string) (net.Conn, error) {
	conn, ok := ctx.Value(connKey{}).(net.Conn)
	if !ok {
		return nil, errors.New("no connection")
	}
	return conn, nil
}
