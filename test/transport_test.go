package test

import (
	"bytes"
	"crypto/tls"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/miekg/dns"
)

const transportCorefile = `
	(app) {
		failover {
			check none
			ttl 7
			record app {
				primary 192.0.2.1 192.0.2.2 2001:db8::1
			}
			record *.apps {
				primary 192.0.2.3
			}
		}
		bind $ip
	}
	example.org:$dns {
		import app
	}
	tls://example.org:$dot {
		import app
		tls server.pem server.key
	}
	https://example.org:$doh {
		import app
		tls server.pem server.key
	}`

// Every transport gives the same answers.
func TestTransports(t *testing.T) {
	t.Parallel()
	s := prepare(t, nil)
	a := newAuthority(t, s.vars["dir"])
	a.sign("server", time.Hour, "dns.example.org")
	s.serve(transportCorefile)
	config := &tls.Config{RootCAs: a.pool(), ServerName: "dns.example.org"}
	transports := map[string]func(*dns.Msg) *dns.Msg{
		"UDP": func(m *dns.Msg) *dns.Msg { return s.exchange(new(dns.Client), m, s.addr("dns")) },
		"TCP": func(m *dns.Msg) *dns.Msg { return s.exchange(&dns.Client{Net: "tcp"}, m, s.addr("dns")) },
		"DoT": func(m *dns.Msg) *dns.Msg {
			return s.exchange(&dns.Client{Net: "tcp-tls", TLSConfig: config}, m, s.addr("dot"))
		},
		"DoH": func(m *dns.Msg) *dns.Msg { return s.overHTTPS(m, config) },
	}
	tests := []struct{ name, qtype, want string }{
		{"app.example.org", "A", "A 192.0.2.1 A 192.0.2.2"},
		{"app.example.org", "AAAA", "AAAA 2001:db8::1"},
		{"app.example.org", "TXT", "NODATA SOA"},
		{"X.apps.example.org", "A", "A 192.0.2.3"},
		{"apps.example.org", "A", "NODATA SOA"},
		{"x.example.org", "A", "NXDOMAIN SOA"},
		{"example.org", "NS", "NS ns.dns.example.org."},
	}
	for transport, ask := range transports {
		for _, test := range tests {
			for range 2 {
				m := ask(question(test.name, test.qtype))
				if got := short(m); got != test.want || !m.Authoritative {
					t.Errorf("%s %s over %s: got %s, AA %t, want %s", test.name, test.qtype, transport, got, m.Authoritative, test.want)
				}
			}
		}
	}
}

// overHTTPS sends a query to the listener for DNS over HTTPS.
func (s *server) overHTTPS(m *dns.Msg, config *tls.Config) *dns.Msg {
	s.Helper()
	transport := &http.Transport{TLSClientConfig: config, ForceAttemptHTTP2: true}
	defer transport.CloseIdleConnections()
	query, err := m.Pack()
	if err != nil {
		s.Fatal(err)
	}
	client := &http.Client{Transport: transport, Timeout: patience / 2}
	resp, err := client.Post("https://"+s.addr("doh")+"/dns-query", "application/dns-message", bytes.NewReader(query))
	if err != nil {
		s.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		s.Fatal(err)
	}
	r := new(dns.Msg)
	if err := r.Unpack(body); err != nil {
		s.Fatalf("status %s: %v", resp.Status, err)
	}
	if len(r.Question) != 1 || r.Question[0] != m.Question[0] {
		s.Errorf("the question came back as %v", r.Question)
	}
	return r
}
