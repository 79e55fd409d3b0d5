package kit

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// An Authority signs certificates for tests.
type Authority struct {
	Path string // of its own certificate

	t    testing.TB
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// NewAuthority returns an Authority whose certificate is in a file of its own.
func NewAuthority(t testing.TB) *Authority {
	t.Helper()
	a := &Authority{t: t}
	template := &x509.Certificate{Subject: pkix.Name{CommonName: "authority"}, IsCA: true, KeyUsage: x509.KeyUsageCertSign, BasicConstraintsValid: true}
	a.Path, _ = a.Sign(template, filepath.Join(t.TempDir(), "ca"))
	return a
}

// Sign writes a certificate as template has it to PATH.pem, and its key to PATH.key. It
// is replaced with one rename, so that no reader sees half of it.
func (a *Authority) Sign(template *x509.Certificate, path string) (certPath, keyPath string) {
	a.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		a.t.Fatal(err)
	}
	now := time.Now()
	template.SerialNumber = big.NewInt(now.UnixNano())
	template.NotBefore, template.NotAfter = now.Add(-time.Hour), now.Add(24*time.Hour)
	parent, signer := a.cert, a.key
	if parent == nil {
		parent, signer = template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), signer)
	if err != nil {
		a.t.Fatal(err)
	}
	if a.cert == nil {
		a.key = key
		if a.cert, err = x509.ParseCertificate(der); err != nil {
			a.t.Fatal(err)
		}
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		a.t.Fatal(err)
	}
	certPath, keyPath = path+".pem", path+".key"
	a.write(keyPath, "PRIVATE KEY", pkcs8)
	a.write(certPath, "CERTIFICATE", der)
	return certPath, keyPath
}

func (a *Authority) write(path, kind string, der []byte) {
	a.t.Helper()
	Write(a.t, path+"~", string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})))
	if err := os.Rename(path+"~", path); err != nil {
		a.t.Fatal(err)
	}
}
