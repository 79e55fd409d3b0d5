package probe

import (
	"cmp"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"math/big"
	"testing"
	"time"

	"github.com/coredns-failover/failover/test/kit"
)

func TestTLSVersions(t *testing.T) {
	pair := newAuthority(t).issue("app.test", hour)
	port := func(version uint16) uint16 {
		config := serving(pair)
		config.MinVersion, config.MaxVersion = version, version
		return serveTLS(t, config, nil)
	}
	old, middle, new := port(tls.VersionTLS10), port(tls.VersionTLS12), port(tls.VersionTLS13)
	tests := []struct {
		port     uint16
		min, max uint16
		good     bool
	}{
		{old, 0, 0, false},
		{old, tls.VersionTLS10, 0, true},
		{old, tls.VersionTLS10, tls.VersionTLS11, true},
		{old, tls.VersionTLS11, 0, false},
		{middle, 0, 0, true},
		{middle, 0, tls.VersionTLS12, true},
		{middle, tls.VersionTLS10, 0, true},
		{middle, tls.VersionTLS13, 0, false},
		{new, 0, 0, true},
		{new, tls.VersionTLS13, 0, true},
		{new, tls.VersionTLS10, 0, true},
		{new, 0, tls.VersionTLS12, false},
	}
	for _, tc := range tests {
		want := "TLS handshake: "
		if tc.good {
			want = ""
		}
		options := TLSOptions{Insecure: true, MinVersion: tc.min, MaxVersion: tc.max}
		kit.WantError(t, ask(t, TLS{Target: Target{Port: tc.port}, TLSOptions: options}.Prober(), "127.0.0.1"), want)
		kit.WantError(t, ask(t, HTTP{TLS: true, Target: Target{Port: tc.port}, TLSOptions: options}.Prober(), "127.0.0.1"), want)
	}
}

// A server that supports only TLS 1.0 may know no suite that is offered by default.
func TestTLSSuitesOfTheirTime(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	for _, suite := range []uint16{tls.TLS_RSA_WITH_AES_128_CBC_SHA, tls.TLS_RSA_WITH_3DES_EDE_CBC_SHA, tls.TLS_RSA_WITH_RC4_128_SHA} {
		for version, want := range map[uint16]string{0: "TLS handshake: ", tls.VersionTLS12: "TLS handshake: ", tls.VersionTLS11: "", tls.VersionTLS10: ""} {
			config := serving(tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key})
			config.MinVersion, config.CipherSuites = tls.VersionTLS10, []uint16{suite}
			config.MaxVersion = cmp.Or(version, tls.VersionTLS12)
			check := TLS{Target: Target{Port: serveTLS(t, config, nil)}, TLSOptions: TLSOptions{Insecure: true, MinVersion: version}}
			kit.WantError(t, ask(t, check.Prober(), "127.0.0.1"), want)
		}
	}
}
