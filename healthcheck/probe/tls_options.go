package probe

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/coredns-failover/failover/healthcheck/internal/reload"
)

// TLSOptions are the TLS properties of a check. The zero value verifies the
// certificate against the system's authorities.
type TLSOptions struct {
	CA         string // file of PEM certificates that are trusted instead of the system's
	Cert, Key  string // files of the client's certificate and key
	ServerName string // the name asked for and verified; "" is the check's host
	Pins       string // SHA-256 digests in lower-case hex, sorted, joined by ","
	Insecure   bool   // the certificate is not verified; pins still are
	MinVersion uint16 // for example tls.VersionTLS13; 0 is TLS 1.2
	MaxVersion uint16 // 0 is the latest
}

// A tlsSource makes the configuration of each connection. It reads files again when they
// have changed.
type tlsSource struct {
	options TLSOptions
	pins    []string
	suites  []uint16                        // nil for the default
	roots   *reload.Value[*x509.CertPool]   // nil for the system's
	client  *reload.Value[*tls.Certificate] // nil for none
}

func newTLSSource(o TLSOptions) *tlsSource {
	s := &tlsSource{options: o, suites: suitesSince(o.MinVersion)}
	if o.Pins != "" {
		s.pins = strings.Split(o.Pins, ",")
	}
	if o.CA != "" {
		s.roots = reload.New(readRoots, o.CA)
	}
	if o.Cert != "" {
		s.client = reload.New(readKeyPair, o.Cert, o.Key)
	}
	return s
}

// config returns the configuration of a connection to the server called name. It has no
// client certificate for a third party.
func (s *tlsSource) config(ctx context.Context, name string, thirdParty bool) (_ *tls.Config, err error) {
	c := &tls.Config{
		ServerName: name, InsecureSkipVerify: s.options.Insecure,
		MinVersion: s.options.MinVersion, MaxVersion: s.options.MaxVersion, CipherSuites: s.suites,
	}
	if c.RootCAs, err = s.authorities(ctx); err != nil {
		return nil, err
	}
	if s.client != nil && !thirdParty {
		cert, err := s.client.Get(ctx)
		if err != nil {
			return nil, err
		}
		c.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return cert, nil }
	}
	if s.pins != nil {
		c.VerifyConnection = s.verifyPin
	}
	return c, nil
}

// authorities returns the authorities that verify the server's certificate. nil is the
// default of crypto/x509, or none if nothing is verified.
func (s *tlsSource) authorities(ctx context.Context) (*x509.CertPool, error) {
	switch {
	case s.roots != nil:
		return s.roots.Get(ctx)
	case s.options.Insecure:
		return nil, nil
	}
	return systemAuthorities.get(ctx)
}

var errPin = errors.New("the certificate matches no pin")

// verifyPin returns an error if the certificate matches no pin. It runs after the
// verification of the certificate, and also without one.
func (s *tlsSource) verifyPin(state tls.ConnectionState) error {
	leaf := state.PeerCertificates[0]
	if !s.isPin(leaf.Raw) && !s.isPin(leaf.RawSubjectPublicKeyInfo) {
		return errPin
	}
	return nil
}

func (s *tlsSource) isPin(der []byte) bool {
	digest := sha256.Sum256(der)
	return slices.Contains(s.pins, hex.EncodeToString(digest[:]))
}

func readRoots(paths []string) (*x509.CertPool, error) {
	text, err := reload.ReadText(paths[0])
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("%s has no certificate in it", paths[0])
	}
	return pool, nil
}

func readKeyPair(paths []string) (*tls.Certificate, error) {
	pair, err := tls.LoadX509KeyPair(paths[0], paths[1])
	if err != nil {
		return nil, fmt.Errorf("%s and %s: %w", paths[0], paths[1], err)
	}
	return &pair, nil
}
