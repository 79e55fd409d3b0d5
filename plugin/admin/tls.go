package admin

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"

	"github.com/coredns-failover/failover/healthcheck/reload"
)

// access is a Config that is ready for use.
type access struct {
	config  Config
	secrets []reload.Secret // as Config.Tokens
	tls     *tls.Config     // nil without TLS
	cert    *reload.Value[*tls.Certificate]
	roots   *reload.Value[*x509.CertPool] // of the authorities of clients; nil without them
}

// newAccess reads what config names, so that a file that is wrong fails the start.
func newAccess(config Config) (*access, error) {
	a := &access{config: config}
	for _, t := range config.Tokens {
		secret := reload.NewSecret(t.Secret)
		if _, err := secret.Reveal(context.Background()); err != nil {
			return nil, fmt.Errorf("api: token: %w", err)
		}
		a.secrets = append(a.secrets, secret)
	}
	if config.Cert == "" {
		return a, nil
	}
	a.cert = reload.New(readKeyPair, config.Cert, config.Key)
	if _, err := a.cert.Get(context.Background()); err != nil {
		return nil, fmt.Errorf("api: tls: %w", err)
	}
	a.tls = &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: a.certificate, SessionTicketsDisabled: true}
	if config.ClientCA == "" {
		return a, nil
	}
	a.roots = reload.New(readRoots, config.ClientCA)
	if _, err := a.roots.Get(context.Background()); err != nil {
		return nil, fmt.Errorf("api: tls: %w", err)
	}
	a.tls.ClientAuth = tls.RequestClientCert // which callerOf verifies
	return a, nil
}

func (a *access) certificate(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	return a.cert.Get(hello.Context())
}

// names returns those of the certificate.
func (a *access) names() []string {
	if a.cert == nil {
		return nil
	}
	cert, err := a.cert.Get(context.Background())
	if err != nil || cert.Leaf == nil {
		return nil
	}
	return cert.Leaf.DNSNames
}

func readKeyPair(paths []string) (*tls.Certificate, error) {
	cert, err := tls.LoadX509KeyPair(paths[0], paths[1])
	return &cert, err
}

func readRoots(paths []string) (*x509.CertPool, error) {
	text, err := reload.ReadText(paths[0])
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("%s has no certificate in PEM", paths[0])
	}
	return pool, nil
}
