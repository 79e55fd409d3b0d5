package peers

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"math/big"
	"testing"
	"time"
)

const day = 24 * time.Hour

// A pair is a certificate and its key, in two files and in one that has both.
type pair struct {
	cert, key, both string // names of files
	pin             string
	x509            *x509.Certificate
	private         *ecdsa.PrivateKey
}

// issue makes a certificate for a name, valid between from and to after now. It is signed
// by an authority, or is a self-signed authority if by is nil.
func issue(t *testing.T, name string, from, to time.Duration, by *pair) *pair {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(now.UnixNano()), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		NotBefore: now.Add(from), NotAfter: now.Add(to), BasicConstraintsValid: true, IsCA: by == nil,
	}
	p := &pair{private: key, x509: template}
	if by == nil {
		by = p
	}
	der, err := x509.CreateCertificate(rand.Reader, template, by.x509, &key.PublicKey, by.private)
	if err != nil {
		t.Fatal(err)
	}
	p.keep(t, der)
	return p
}

func (p *pair) keep(t *testing.T, der []byte) {
	t.Helper()
	key, err := x509.MarshalPKCS8PrivateKey(p.private)
	if err != nil {
		t.Fatal(err)
	}
	digest := sha256.Sum256(der)
	p.pin = hex.EncodeToString(digest[:])
	d := dir(t)
	certPEM := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	keyPEM := string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}))
	p.cert = write(t, d+"/cert.pem", certPEM)
	p.key = write(t, d+"/key.pem", keyPEM)
	p.both = write(t, d+"/both.pem", certPEM+keyPEM)
}
