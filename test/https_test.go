package test

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"testing"
	"time"
)

// Each TLS property of an https check, as it passes and as it fails.
func TestCheckHTTPS(t *testing.T) {
	t.Parallel()
	s := prepare(t, nil)
	s.vars["site"] = loopback()
	a := newAuthority(t, s.vars["dir"])
	good := a.sign("good", time.Hour, "app.example.org")
	site := func(name string, config *tls.Config) {
		s.vars[name] = freePort(t, s.vars["site"])
		serveSite(t, s.vars["site"], s.vars[name], config)
	}
	with := func(cert tls.Certificate) *tls.Config { return &tls.Config{Certificates: []tls.Certificate{cert}} }
	site("good", with(good))
	site("expired", with(a.sign("expired", -time.Hour, "app.example.org")))
	site("other", with(a.sign("other", time.Hour, "www.example.net")))
	site("mutual", &tls.Config{Certificates: []tls.Certificate{good}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: a.pool()})
	site("picky", onlyFor("app.example.org", good))
	site("plain", nil)
	site("ancient", &tls.Config{Certificates: []tls.Certificate{good}, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS10})
	a.sign("client", time.Hour, "client.example.org")
	s.vars["pin"], s.vars["key"] = pins(t, good)
	s.vars["wrong"], _ = pins(t, a.sign("another", time.Hour, "app.example.org"))

	const ca = "tls_ca ca.pem"
	expectVerdicts(t, s, []verdict{
		{check: "https :$good/status/200; " + ca, pass: true},
		{check: "https :$good/absolute/authority/app.example.org:$good; redirects 1; status 200; " + ca, pass: true},
		{check: "https :$good/status/200; tls_versions 1.2 1.2; " + ca, pass: true},
		{check: "https :$good/status/200; tls_versions 1.0 1.1; " + ca},
		{check: "https :$ancient/status/200; " + ca},
		{check: "https :$ancient/status/200; tls_versions 1.0; " + ca, pass: true},
		{check: "https :$good/status/500; " + ca},
		{check: "https :$good/status/200"}, // the system does not trust the authority
		{check: "https :$good/host/app.example.org; " + ca, pass: true},
		{check: "https :$plain/status/200; " + ca},
		{check: "http :$good/status/200"},
		{check: "https :$expired/status/200; " + ca},
		{check: "https :$expired/status/200; tls_insecure", pass: true},
		{check: "https :$other/status/200; " + ca},
		{check: "https :$other/status/200; tls_insecure", pass: true},
		{check: "https :$other/status/200; tls_server_name www.example.net; " + ca, pass: true},
		{check: "https :$other/host/app.example.org; tls_server_name www.example.net; " + ca, pass: true},
		{check: "https :$good/status/200; tls_server_name www.example.net; " + ca},
		{check: "https :$other/status/200; host www.example.net; " + ca, pass: true},
		{check: "https :$good/status/200; host www.example.net; " + ca},
		{check: "https :$picky/status/200; " + ca, pass: true},
		{check: "https :$picky/status/200; host www.example.net; tls_insecure"},
		{check: "https :$mutual/status/200; tls_cert client.pem client.key; " + ca, pass: true},
		{check: "https :$mutual/status/200; " + ca},
		{check: "https :$good/status/200; tls_pin $pin; " + ca, pass: true},
		{check: "https :$good/status/200; tls_pin $wrong; " + ca},
		{check: "https :$good/status/200; tls_pin $wrong $pin; " + ca, pass: true},
		{check: "https :$good/status/200; tls_pin $key; " + ca, pass: true},
		{check: "https :$good/status/200; tls_pin $pin"}, // a pin does not replace the trust in an authority
		{check: "https :$expired/status/200; tls_pin $wrong; tls_insecure"},
		{check: "https :$good/status/200; tls_pin $pin; tls_insecure", pass: true},
	})
}

// onlyFor returns a configuration that refuses handshakes for another name.
func onlyFor(name string, cert tls.Certificate) *tls.Config {
	return &tls.Config{GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
		if hello.ServerName != name {
			return nil, tls.AlertError(112)
		}
		return &cert, nil
	}}
}

// pins returns the digests of a certificate in hex and of its key in base64.
func pins(t *testing.T, cert tls.Certificate) (whole, key string) {
	t.Helper()
	leaf, err := x509.ParseCertificate(cert.Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	w, k := sha256.Sum256(leaf.Raw), sha256.Sum256(leaf.RawSubjectPublicKeyInfo)
	return hex.EncodeToString(w[:]), base64.StdEncoding.EncodeToString(k[:])
}
