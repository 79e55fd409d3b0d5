package probe

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/test/kit"
)

const hour = time.Hour

func TestTLSVerification(t *testing.T) {
	ca, other := newAuthority(t), newAuthority(t)
	dir := t.TempDir()
	caFile, otherFile := filepath.Join(dir, "ca"), filepath.Join(dir, "other")
	kit.Write(t, caFile, ca.pem)
	kit.Write(t, otherFile, other.pem)
	good, expired := ca.issue("app.example.org", hour), ca.issue("app.example.org", -hour)
	goodPort, expiredPort := serveTLS(t, serving(good), nil), serveTLS(t, serving(expired), nil)
	certPin, keyPin := digest(good.Leaf.Raw), digest(good.Leaf.RawSubjectPublicKeyInfo)
	caPin, none := digest(ca.cert.Raw), strings.Repeat("0", 64)
	plain := kit.Listen(t, func(conn net.Conn) { io.WriteString(conn, "HTTP/1.1 200 OK\r\n\r\n") })
	const pinned = "TLS handshake: the certificate matches no pin"
	tests := []struct {
		name    string
		port    uint16
		host    string
		options TLSOptions
		want    string
	}{
		{"good", goodPort, "app.example.org", TLSOptions{CA: caFile}, ""},
		{"by the address", goodPort, "", TLSOptions{CA: caFile}, ""},
		{"wrong name", goodPort, "www.example.org", TLSOptions{CA: caFile}, "TLS handshake: x509: certificate is valid for app.example.org"},
		{"server name", goodPort, "www.example.org", TLSOptions{CA: caFile, ServerName: "app.example.org"}, ""},
		{"wrong server name", goodPort, "app.example.org", TLSOptions{CA: caFile, ServerName: "x.test"}, "TLS handshake: x509: certificate is valid for"},
		{"another authority", goodPort, "app.example.org", TLSOptions{CA: otherFile}, "TLS handshake: x509: certificate signed by unknown authority"},
		{"the system's authorities", goodPort, "app.example.org", TLSOptions{}, "TLS handshake: x509: certificate signed by unknown authority"},
		{"expired", expiredPort, "app.example.org", TLSOptions{CA: caFile}, "TLS handshake: x509: certificate has expired"},
		{"expired, unverified", expiredPort, "x.test", TLSOptions{Insecure: true}, ""},
		{"pin of the certificate", goodPort, "app.example.org", TLSOptions{CA: caFile, Pins: none + "," + certPin}, ""},
		{"pin of the key", goodPort, "app.example.org", TLSOptions{CA: caFile, Pins: keyPin}, ""},
		{"pin of the authority", goodPort, "app.example.org", TLSOptions{CA: caFile, Pins: caPin}, pinned},
		{"pin of another", goodPort, "app.example.org", TLSOptions{CA: caFile, Pins: none}, pinned},
		{"pin, unverified", goodPort, "x.test", TLSOptions{Insecure: true, Pins: keyPin}, ""},
		{"pin of another, unverified", goodPort, "x.test", TLSOptions{Insecure: true, Pins: none}, pinned},
		{"a pin is no trust", goodPort, "app.example.org", TLSOptions{Pins: keyPin}, "TLS handshake: x509: certificate signed by unknown authority"},
		{"no TLS", kit.PortOfListener(plain), "app.example.org", TLSOptions{CA: caFile}, `TLS handshake: answer is not TLS: "HTTP/1.1 `},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			check := HTTP{TLS: true, Target: Target{Port: tc.port}, Host: tc.host, TLSOptions: tc.options}
			err := ask(t, check.Prober(), "127.0.0.1")
			kit.WantError(t, err, tc.want)
			if errors.Is(err, healthcheck.ErrInconclusive) {
				t.Error("the error is inconclusive")
			}
		})
	}
}

// A changed file counts at the next probe. While it is broken, the last good content
// counts.
func TestRotatedAuthority(t *testing.T) {
	first, second := newAuthority(t), newAuthority(t)
	file := filepath.Join(t.TempDir(), "ca")
	pair := first.issue("app.example.org", hour)
	config := &tls.Config{GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return &pair, nil }}
	check := HTTP{TLS: true, Target: Target{Port: serveTLS(t, config, nil)}, Host: "app.example.org"}
	check.TLSOptions.CA = file
	p := check.Prober()
	if err := ask(t, p, "127.0.0.1"); !errors.Is(err, healthcheck.ErrInconclusive) {
		t.Errorf("without the file: %v", err)
	}
	const unknown = "TLS handshake: x509: certificate signed by unknown authority"
	steps := []struct {
		name   string
		change func()
		want   string
	}{
		{"first", func() { kit.Write(t, file, first.pem) }, ""},
		{"only the server rotates", func() { pair = second.issue("app.example.org", hour) }, unknown},
		{"broken", func() { kit.Write(t, file, "-----BEGIN"); pair = first.issue("app.example.org", hour) }, ""},
		{"rotated", func() { kit.Write(t, file, second.pem) }, unknown},
		{"both", func() { pair = second.issue("app.example.org", hour) }, ""},
	}
	for _, step := range steps {
		step.change()
		err := ask(t, p, "127.0.0.1")
		if kit.WantError(t, err, step.want); t.Failed() {
			t.Fatal(step.name)
		}
	}
}

func TestClientCertificate(t *testing.T) {
	ca, other := newAuthority(t), newAuthority(t)
	dir := t.TempDir()
	cert, key := filepath.Join(dir, "cert"), filepath.Join(dir, "key")
	config := serving(ca.issue("app.example.org", hour))
	config.ClientAuth, config.ClientCAs = tls.RequireAndVerifyClientCert, ca.pool()
	check := HTTP{TLS: true, Target: Target{Port: serveTLS(t, config, nil)}, Host: "app.example.org"}
	check.TLSOptions.Insecure = true
	kit.WantError(t, ask(t, check.Prober(), "127.0.0.1"), "waiting for the answer: remote error: tls: certificate required")

	check.TLSOptions.Cert, check.TLSOptions.Key = cert, key
	p := check.Prober()
	writePair(t, ca.issue("prober", hour), cert, key)
	kit.WantError(t, ask(t, p, "127.0.0.1"), "")
	next := ca.issue("prober", hour)
	kit.Write(t, cert, encode("CERTIFICATE", next.Certificate[0])) // the key does not fit yet
	kit.WantError(t, ask(t, p, "127.0.0.1"), "")
	writePair(t, other.issue("prober", hour), cert, key)
	kit.WantError(t, ask(t, p, "127.0.0.1"), "waiting for the answer: remote error: tls: ")
}

// A third party sees no client certificate, and its own name is the server name.
func TestThirdPartySeesNoClientCertificate(t *testing.T) {
	ca := newAuthority(t)
	dir := t.TempDir()
	cert, key := filepath.Join(dir, "cert"), filepath.Join(dir, "key")
	writePair(t, ca.issue("prober", hour), cert, key)
	shown := make(chan string, 2)
	asking := serving(ca.issue("app.example.org", hour))
	asking.ClientAuth = tls.RequestClientCert
	var port uint16
	port = serveTLS(t, asking, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		shown <- fmt.Sprintf("%d, %s", len(r.TLS.PeerCertificates), r.TLS.ServerName)
		if r.URL.Path == "/" {
			http.Redirect(w, r, "https://localhost:"+Target{Port: port}.port()+"/there", http.StatusFound)
		}
	}))
	check := HTTP{TLS: true, Target: Target{Port: port, Path: "/"}, Host: "app.example.org", Redirects: 1}
	check.TLSOptions = TLSOptions{Insecure: true, Cert: cert, Key: key, ServerName: "inner.test"}
	kit.WantError(t, ask(t, check.Prober(), "127.0.0.1"), "")
	if first, second := <-shown, <-shown; first != "1, inner.test" || second != "0, localhost" {
		t.Errorf("certificates and name shown to the check's host %s, to another %s", first, second)
	}
}

// A byte order mark does not hide the first certificate of a file.
func TestAuthoritiesBehindABOM(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ca")
	kit.Write(t, path, "\xef\xbb\xbf"+newAuthority(t).pem)
	if _, err := readRoots([]string{path}); err != nil {
		t.Error(err)
	}
}
