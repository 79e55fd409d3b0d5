package check_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"math/big"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/coredns/coredns/core/dnsserver"

	"github.com/coredns-failover/failover/healthcheck/probe"
	"github.com/coredns-failover/failover/plugin/corefile"
)

// keyPair writes a certificate and its key to name.pem and name.key in dir.
func keyPair(t *testing.T, dir, name string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	writePEM(t, filepath.Join(dir, name+".pem"), "CERTIFICATE", cert)
	writePEM(t, filepath.Join(dir, name+".key"), "PRIVATE KEY", der)
}

func writePEM(t *testing.T, path, kind string, der []byte) {
	t.Helper()
	writeFile(t, path, string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})))
}

// Relative files are below the directory of the root plugin.
func TestTLSFiles(t *testing.T) {
	dir := t.TempDir()
	keyPair(t, dir, "a")
	keyPair(t, dir, "b")
	c := controller(inCheck("check https", "tls_ca a.pem\ntls_cert a.pem a.key"))
	dnsserver.GetConfig(c).Root = dir
	config, err := corefile.Parse(c)
	if err != nil {
		t.Fatal(err)
	}
	cert, key := filepath.Join(dir, "a.pem"), filepath.Join(dir, "a.key")
	want := probe.TLSOptions{CA: cert, Cert: cert, Key: key}
	got := config.Records[0].Pools[0].Endpoints[0].Checks[0].Spec.Check.(probe.HTTP).TLSOptions
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}

	text := inCheck("check https", "tls_cert "+cert+" "+filepath.Join(dir, "b.key"))
	_, err = corefile.Parse(controller(text))
	refused(t, text, err, 4, "private key does not match public key")
}

// A digest is the same in every form that tools print.
func TestPins(t *testing.T) {
	slash := bytes.Repeat([]byte{0xff}, 32) // begins with a slash in base64
	mixed := bytes.Repeat([]byte{0x0a, 0xbc}, 16)
	inHex := func(b []byte) string { return hex.EncodeToString(b) }
	in64 := func(b []byte) string { return base64.StdEncoding.EncodeToString(b) }
	colons := strings.TrimSuffix(strings.Repeat("0A:bC:", 16), ":")
	tests := []struct{ property, want string }{
		{inHex(mixed), inHex(mixed)},
		{strings.ToUpper(inHex(mixed)), inHex(mixed)},
		{colons, inHex(mixed)},
		{in64(mixed), inHex(mixed)},
		{"sha256/" + in64(mixed), inHex(mixed)},
		{"sha256//" + in64(mixed), inHex(mixed)},
		{"sha256/" + colons, inHex(mixed)},
		{"sha256//" + in64(slash), inHex(slash)},
		{"sha256/" + in64(slash), inHex(slash)},
		{in64(slash), inHex(slash)},
		{in64(slash) + " " + colons + " " + in64(mixed), inHex(mixed) + "," + inHex(slash)},
	}
	for _, test := range tests {
		check := checks(t, inCheck("check https", "tls_pin "+test.property))[0].Spec.Check
		if got := check.(probe.HTTP).TLSOptions.Pins; got != test.want {
			t.Errorf("tls_pin %s: got %s, want %s", test.property, got, test.want)
		}
	}
}
