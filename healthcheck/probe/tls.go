package probe

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/healthcheck/internal/dial"
)

// TLS is the check "tls". It passes if the handshake succeeds, the certificate is valid,
// and the dialogue inside TLS goes as expected.
type TLS struct {
	Target      Target        // Port is set, Path is not
	MinValidity time.Duration // how long the certificate must remain valid
	ALPN        string        // offered protocols in order, joined by ","
	TLSOptions  TLSOptions    // ServerName is set unless Insecure is

	Dialogue      Dialogue // inside TLS
	ProxyProtocol byte     // version of the PROXY header that is sent first; 0 for none
}

var _ healthcheck.Check = TLS{}

// Type returns "tls".
func (TLS) Type() string { return "tls" }

// String returns the check as it stands in the Corefile.
func (c TLS) String() string { return "tls " + c.Target.String() }

// Prober returns the prober. It panics if an expression does not compile.
func (c TLS) Prober() healthcheck.Prober { return c.prober(dial.Dial) }

func (c TLS) prober(open dial.Func) *tlsProber {
	p := &tlsProber{check: c, tls: newTLSSource(c.TLSOptions), dial: open, steps: c.Dialogue.steps()}
	if c.ALPN != "" {
		p.alpn = strings.Split(c.ALPN, ",")
	}
	return p
}

type tlsProber struct {
	check TLS
	tls   *tlsSource
	alpn  []string
	dial  dial.Func
	steps []step
}

func (p *tlsProber) Probe(ctx context.Context, addr netip.Addr) error {
	return closeAfterPass(p.Watch(ctx, addr))
}

// Watch implements [healthcheck.Watcher].
func (p *tlsProber) Watch(ctx context.Context, addr netip.Addr) (healthcheck.Watched, error) {
	config, err := p.tls.config(ctx, p.check.TLSOptions.ServerName, false)
	if err != nil {
		return nil, healthcheck.MarkInconclusive(err)
	}
	config.NextProtos = p.alpn
	conn, err := connect(ctx, p.dial, p.check.Target.address(addr), p.check.ProxyProtocol)
	if err != nil {
		return nil, err
	}
	if err := p.exchange(ctx, conn, config); err != nil {
		conn.Close()
		return nil, err
	}
	// Watch the connection below TLS: session tickets and alerts do not matter, only
	// the end does. It is closed without close_notify, which a peer may not read.
	return watchedConn{conn}, nil
}

// exchange makes the handshake, verifies it, and runs the dialogue.
func (p *tlsProber) exchange(ctx context.Context, conn net.Conn, config *tls.Config) error {
	secure, err := handshake(ctx, conn, config)
	if err != nil {
		return err
	}
	if err := p.verify(secure.ConnectionState(), time.Now()); err != nil || p.steps == nil {
		return err
	}
	d := &dialogueRun{conn: secure, chunk: tcpChunk}
	return d.run(ctx, p.steps)
}

// verify returns nil if the protocol and the certificate of the connection pass.
func (p *tlsProber) verify(state tls.ConnectionState, now time.Time) error {
	if p.alpn != nil && !slices.Contains(p.alpn, state.NegotiatedProtocol) {
		return fmt.Errorf("the server chose no protocol of %s", strings.Join(p.alpn, ", "))
	}
	if p.check.MinValidity == 0 {
		return nil
	}
	end := validUntil(state)
	if end.Before(now.Add(p.check.MinValidity)) {
		return fmt.Errorf("certificate expires at %s, expected it to be valid for %s",
			end.UTC().Format(time.RFC3339), p.check.MinValidity)
	}
	return nil
}

// validUntil returns when verification will begin to fail: when the last chain has an
// expired certificate. A certificate that was not verified has no chain.
func validUntil(state tls.ConnectionState) time.Time {
	if len(state.VerifiedChains) == 0 {
		return state.PeerCertificates[0].NotAfter
	}
	var last time.Time
	for _, chain := range state.VerifiedChains {
		first := slices.MinFunc(chain, byEnd)
		if first.NotAfter.After(last) {
			last = first.NotAfter
		}
	}
	return last
}

func byEnd(a, b *x509.Certificate) int { return a.NotAfter.Compare(b.NotAfter) }

// handshake returns a TLS connection on conn. The caller closes conn, also after an error.
func handshake(ctx context.Context, conn net.Conn, config *tls.Config) (*tls.Conn, error) {
	said := &heardConn{Conn: conn}
	return completeHandshake(ctx, tls.Client(said, config), said.heard)
}

// completeHandshake makes the handshake and returns secure. heard returns the first bytes
// that the peer has sent, for errors, or "" if they must not show.
func completeHandshake(ctx context.Context, secure *tls.Conn, heard func() string) (*tls.Conn, error) {
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
