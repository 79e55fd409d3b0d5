package probe

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/test/kit"
)

func TestTLSCheck(t *testing.T) {
	ca := newAuthority(t) // valid for an hour
	file := filepath.Join(t.TempDir(), "ca")
	kit.Write(t, file, ca.pem)
	h2 := serving(ca.issue("app.example.org", 2*hour))
	h2.NextProtos = []string{"h2", "http/1.1"}
	port := serveTLS(t, h2, nil)
	expired := serveTLS(t, serving(ca.issue("app.example.org", -hour)), nil)
	closed := kit.Listen(t, nil)
	closed.Close()
	good := TLSOptions{CA: file, ServerName: "app.example.org"}
	tests := []struct {
		name  string
		check TLS
		want  string
	}{
		{"good", TLS{Target: Target{Port: port}, TLSOptions: good}, ""},
		{"expired", TLS{Target: Target{Port: expired}, TLSOptions: good}, "TLS handshake: x509: certificate has expired"},
		{"wrong name", TLS{Target: Target{Port: port}, TLSOptions: TLSOptions{CA: file, ServerName: "www.example.org"}},
			"TLS handshake: x509: certificate is valid for app.example.org"},
		{"without a name", TLS{Target: Target{Port: port}, TLSOptions: TLSOptions{Insecure: true}}, ""},
		{"closed", TLS{Target: Target{Port: kit.PortOfListener(closed)}, TLSOptions: good}, "connect: connection refused"},
		{"valid for long", TLS{Target: Target{Port: port}, TLSOptions: good, MinValidity: 30 * time.Minute}, ""},
		{"but not the authority", TLS{Target: Target{Port: port}, TLSOptions: good, MinValidity: 90 * time.Minute},
			"certificate expires at " + ca.cert.NotAfter.Format(time.RFC3339) + ", expected it to be valid for 1h30m0s"},
		{"the authority does not count", TLS{Target: Target{Port: port}, MinValidity: 90 * time.Minute,
			TLSOptions: TLSOptions{Insecure: true}}, ""},
		{"nor valid for long itself", TLS{Target: Target{Port: port}, MinValidity: 3 * hour,
			TLSOptions: TLSOptions{Insecure: true}}, "certificate expires at "},
		{"protocol", TLS{Target: Target{Port: port}, TLSOptions: good, ALPN: "h3,http/1.1"}, ""},
		{"no protocol", TLS{Target: Target{Port: port}, TLSOptions: good, ALPN: "imap"},
			"TLS handshake: remote error: tls: no application protocol"},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			err := ask(t, tc.check.Prober(), "127.0.0.1")
			kit.WantError(t, err, tc.want)
			if errors.Is(err, healthcheck.ErrInconclusive) {
				t.Error("the error is inconclusive")
			}
		})
	}
}

// A server without ALPN ignores the offered protocols.
func TestTLSServerWithoutALPN(t *testing.T) {
	ca := newAuthority(t)
	config := serving(ca.issue("app.example.org", hour))
	p := TLS{Target: Target{Port: 443}, ALPN: "h2,http/1.1", TLSOptions: TLSOptions{Insecure: true}}.prober(pipes(func(c net.Conn) {
		tls.Server(c, config).Handshake()
		io.Copy(io.Discard, c)
	}))
	kit.WantError(t, ask(t, p, "127.0.0.1"), "the server chose no protocol of h2, http/1.1")
}

// One chain that remains valid is enough: another may exist for old clients.
func TestValidityOfChains(t *testing.T) {
	at := func(hours int) *x509.Certificate {
		return &x509.Certificate{NotAfter: time.Unix(0, 0).Add(time.Duration(hours) * hour)}
	}
	leaf, old, new := at(9), at(1), at(5)
	tests := []struct {
		chains [][]*x509.Certificate
		want   *x509.Certificate
	}{
		{nil, leaf},
		{[][]*x509.Certificate{{leaf, at(99)}}, leaf},
		{[][]*x509.Certificate{{leaf, new, old}}, old},
		{[][]*x509.Certificate{{leaf, old}, {leaf, new}}, new},
		{[][]*x509.Certificate{{leaf, new}, {leaf, old}}, new},
	}
	for i, tc := range tests {
		state := tls.ConnectionState{PeerCertificates: []*x509.Certificate{leaf, at(0)}, VerifiedChains: tc.chains}
		if got := validUntil(state); !got.Equal(tc.want.NotAfter) {
			t.Errorf("%d: %v, want %v", i, got, tc.want.NotAfter)
		}
	}
}

func TestTLSServersThatMisbehave(t *testing.T) {
	drip := func(conn net.Conn) {
		go io.Copy(io.Discard, conn)
		for _, b := range []byte("\x16\x03\x03\x40\x00") {
			if _, err := conn.Write([]byte{b}); err != nil {
				return
			}
			time.Sleep(500 * time.Millisecond)
		}
	}
	tests := []struct {
		name string
		peer func(net.Conn)
		want string
	}{
		{"silent", func(conn net.Conn) { io.Copy(io.Discard, conn) }, "TLS handshake: no answer within 1s"},
		{"a byte now and then", drip, "TLS handshake: no answer within 1s"},
		{"hangs up", func(conn net.Conn) { conn.Read(make([]byte, 4096)) }, "TLS handshake: connection closed"},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				check := TLS{Target: Target{Port: 443}, TLSOptions: TLSOptions{Insecure: true}}
				kit.WantError(t, within(t, check.prober(pipes(tc.peer)), time.Second), tc.want)
				time.Sleep(time.Minute) // until the peer wakes up and finds the connection closed
			})
		})
	}
}
