package probe

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"

	"github.com/coredns-failover/failover/healthcheck/internal/dial"
)

// handshake makes a TLS connection of conn, which stays the caller's to close.
func handshake(ctx context.Context, conn net.Conn, config *tls.Config) (*tls.Conn, error) {
	said := &heardConn{Conn: conn}
	return shake(ctx, tls.Client(said, config), said.heard)
}

// shake makes the handshake. heard returns the beginning of what the peer has
// said, as far as it may be told.
func shake(ctx context.Context, secure *tls.Conn, heard func() string) (*tls.Conn, error) {
	if err := secure.HandshakeContext(ctx); err != nil {
		return nil, dial.Because(ctx, "TLS handshake", handshakeError(err, heard))
	}
	return secure, nil
}

func handshakeError(err error, heard func() string) error {
	var verify *tls.CertificateVerificationError
	var header tls.RecordHeaderError
	switch {
	case errors.As(err, &header) && !isTLS(heard()):
		return notAnswer("TLS", heard())
	case errors.As(err, &verify):
		return verify.Err
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return dial.ErrClosed
	}
	return dial.InShort(err)
}
