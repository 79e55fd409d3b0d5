package peers

import (
	"strings"
	"testing"
	"time"
)

// serveTLS starts the TLS server of OpenSSL and returns its port.
func serveTLS(t *testing.T, p *pair, args ...string) string {
	t.Helper()
	openssl, port := find(t, "openssl"), freePort(t)
	args = append([]string{"s_server", "-accept", "127.0.0.1:" + port, "-cert", p.cert, "-key", p.key, "-www"}, args...)
	start(t, openssl, args...)
	parse(t, "127.0.0.1", "check tcp :"+port).becomes(t, "")
	return port
}

// rsaPair returns a certificate with an RSA key.
func rsaPair(t *testing.T) *pair {
	t.Helper()
	d := dir(t)
	p := &pair{cert: d + "/cert.pem", key: d + "/key.pem"}
	cmd := command(find(t, "openssl"), "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", p.key, "-out", p.cert,
		"-days", "2", "-subj", "/CN=example.org", "-addext", "subjectAltName=DNS:example.org")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return p
}

func TestOpenSSL(t *testing.T) {
	ca := issue(t, "authority", -time.Hour, 90*day, nil)
	good := issue(t, "example.org", -time.Hour, 30*day, ca)
	alone := issue(t, "example.org", -time.Hour, day, nil)
	old := rsaPair(t)
	ports := map[string]string{
		"good":          serveTLS(t, good),
		"expired":       serveTLS(t, issue(t, "example.org", -2*day, -day, ca)),
		"not yet valid": serveTLS(t, issue(t, "example.org", day, 2*day, ca)),
		"wrong name":    serveTLS(t, issue(t, "example.net", -time.Hour, day, ca)),
		"self-signed":   serveTLS(t, alone),
		"http/1.1":      serveTLS(t, good, "-alpn", "http/1.1"),
		"client":        serveTLS(t, good, "-Verify", "1", "-CAfile", ca.cert, "-verify_return_error", "-tls1_2"),
		"TLS 1.0":       serveTLS(t, good, "-tls1", "-cipher", "ALL:@SECLEVEL=0"),
		"TLS 1.1":       serveTLS(t, good, "-tls1_1", "-cipher", "ALL:@SECLEVEL=0"),
		"TLS 1.3":       serveTLS(t, good, "-tls1_3"),
		"RSA":           serveTLS(t, old, "-tls1", "-cipher", "AES128-SHA:@SECLEVEL=0"),
	}
	trust, client := "tls_ca "+ca.cert, issue(t, "client", -time.Hour, day, ca)
	const handshake, other = "TLS handshake: ", "0000000000000000000000000000000000000000000000000000000000000000"
	tests := []struct{ server, properties, want string }{
		{"good", trust, ""},
		{"good", "", handshake + "x509: certificate signed by unknown authority"},
		{"good", trust + "\ntls_pin " + good.pin, ""},
		{"good", trust + "\ntls_pin " + other, handshake + "the certificate matches no pin"},
		{"good", trust + "\nmin_validity 700h", ""},
		{"good", trust + "\nmin_validity 740h", "certificate expires at "},
		{"good", trust + "\nalpn h2", "the server chose no protocol of h2"},
		{"expired", trust, handshake + "x509: certificate has expired or is not yet valid"},
		{"expired", "tls_insecure", ""},
		{"expired", "tls_insecure\nmin_validity 1s", "certificate expires at "},
		{"not yet valid", trust, handshake + "x509: certificate has expired or is not yet valid"},
		{"wrong name", trust, handshake + "x509: certificate is valid for example.net, not example.org"},
		{"wrong name", trust + "\ntls_server_name example.net", ""},
		{"self-signed", trust, handshake + "x509: certificate signed by unknown authority"},
		{"self-signed", "tls_ca " + alone.cert, ""},
		{"self-signed", "tls_insecure\ntls_pin " + alone.pin, ""},
		{"self-signed", "tls_insecure\ntls_pin " + other, handshake + "the certificate matches no pin"},
		{"http/1.1", trust + "\nalpn h2 http/1.1", ""},
		{"http/1.1", trust + "\nalpn h2", handshake + "remote error: tls: no application protocol"},
		{"client", trust, handshake + "remote error: tls: "},
		{"client", trust + "\ntls_cert " + client.cert + " " + client.key, ""},
		{"TLS 1.0", trust, handshake},
		{"TLS 1.0", "tls_versions 1.0\n" + trust, ""},
		{"TLS 1.0", "tls_versions 1.1\n" + trust, handshake},
		{"TLS 1.1", "tls_versions 1.0 1.1\n" + trust, ""},
		{"TLS 1.1", "tls_versions 1.0 1.0\n" + trust, handshake},
		{"TLS 1.3", "tls_versions 1.3\n" + trust, ""},
		{"TLS 1.3", "tls_versions 1.0 1.2\n" + trust, handshake},
		{"RSA", "tls_insecure", handshake},
		{"RSA", "tls_versions 1.0\ntls_ca " + old.cert, ""},
	}
	for _, tc := range tests {
		t.Run(tc.server+" "+strings.Fields(tc.properties + " -")[0], func(t *testing.T) {
			parse(t, "127.0.0.1", "check tls :"+ports[tc.server]+" {\n"+tc.properties+"\n}").gives(t, tc.want)
		})
	}
}
