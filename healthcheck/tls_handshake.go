package healthcheck

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
)

// handshake makes a TLS connection of conn, which stays the caller's to close.
func handshake(ctx context.Context, conn net.Conn, config *tls.Config) (*tls.Conn, error) {
	secure := tls.Client(conn, config)
	if err := secure.HandshakeContext(ctx); err != nil {
		return nil, because(ctx, "TLS handshake", handshakeError(err))
	}
	return secure, nil
}

func handshakeError(err error) error {
	var verify *tls.CertificateVerificationError
	switch {
	case errors.As(err, &verify):
		return verify.Err
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return errClosed
	}
	return inShort(err)
}
