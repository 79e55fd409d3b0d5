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

// TLS is the check "tls": a handshake succeeds, the certificate verifies, and the
// dialogue inside goes as expected.
type TLS struct {
	Target      Target        // Port is set, Path is not
	MinValidity time.Duration // for which the certificate still has to be valid
	ALPN        string        // protocols in the order in which they are offered, joined by ","
	TLSOptions  TLSOptions    // ServerName is set unless Insecure is

	Dialogue      Dialogue // inside TLS
	ProxyProtocol byte     // version of the PROXY header that is sent first; 0 for none
}

var _ healthcheck.Check = TLS{}

// Type returns "tls".
func (TLS) Type() string { return "tls" }

// String returns the check as it stands in the Corefile.
func (c TLS) String() string { return "tls " + c.Target.String() }

// Prober returns what shakes hands. It panics if an expression does not compile.
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
	return once(p.Watch(ctx, addr))
}

// Watch implements [Watcher].
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
	if err := p.talk(ctx, conn, config); err != nil {
		conn.Close()
		return nil, err
	}
	// What is read is read below TLS: a session ticket or an alert is no matter,
	// the end is. And it is closed without the parting word of TLS, for which a
	// peer may have no ear.
	return watchedConn{conn}, nil
}

// talk does on conn what the check wants.
func (p *tlsProber) talk(ctx context.Context, conn net.Conn, config *tls.Config) error {
	secure, err := handshake(ctx, conn, config)
	if err != nil {
		return err
	}
	if err := p.verify(secure.ConnectionState(), time.Now()); err != nil || p.steps == nil {
		return err
	}
	t := &dialogueRun{conn: secure, chunk: tcpChunk}
	return t.run(ctx, p.steps)
}

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

// validUntil returns when the certificate ends to verify: when its last chain
// loses its first link. Of one that was not verified there is no chain.
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
