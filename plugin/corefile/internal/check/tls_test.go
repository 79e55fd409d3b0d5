package check_test

import (
	"crypto/tls"
	"strings"
	"testing"
	"time"

	"github.com/coredns-failover/failover/healthcheck/probe"
	"github.com/coredns-failover/failover/plugin/corefile"
)

func TestTLSCheck(t *testing.T) {
	tests := []struct {
		text string
		want func(*probe.TLS)
	}{
		{withCheck("check tls"), func(*probe.TLS) {}},
		{withCheck("check tls :8443"), func(c *probe.TLS) { c.Target.Port = 8443 }},
		{withCheck("check tls WEB.example.:8443"), func(c *probe.TLS) {
			c.Target, c.TLSOptions.ServerName = probe.Target{Host: "web.example", Port: 8443}, "web.example"
		}},
		{withCheck("check tls 10.0.0.1"), func(c *probe.TLS) { c.Target.Host = "10.0.0.1" }},
		{inCheck("check tls web.example", "tls_server_name X.example."), func(c *probe.TLS) {
			c.Target.Host, c.TLSOptions.ServerName = "web.example", "x.example"
		}},
		{inCheck("check tls", "tls_insecure"), func(c *probe.TLS) { c.TLSOptions.Insecure = true }},
		{inCheck("check tls", "min_validity 336h"), func(c *probe.TLS) { c.MinValidity = 14 * 24 * time.Hour }},
		{inCheck("check tls", "min_validity 1"), func(c *probe.TLS) { c.MinValidity = time.Second }},
		{inCheck("check tls", "min_validity 87600h"), func(c *probe.TLS) { c.MinValidity = 87600 * time.Hour }},
		{inCheck("check tls", "alpn h2 http/1.1"), func(c *probe.TLS) { c.ALPN = "h2,http/1.1" }},
		{inCheck("check tls", "expect ^220\nsend QUIT"), func(c *probe.TLS) {
			c.Dialogue = probe.Dialogue("").Expect("^220").Send("QUIT")
		}},
		{inCheck("check tls", "proxy_protocol v2"), func(c *probe.TLS) { c.ProxyProtocol = 2 }},
		{inCheck("check tls", "tls_versions 1.0"), func(c *probe.TLS) { c.TLSOptions.MinVersion = tls.VersionTLS10 }},
		{inCheck("check tls", "tls_versions 1.1 1.2"), func(c *probe.TLS) {
			c.TLSOptions.MinVersion, c.TLSOptions.MaxVersion = tls.VersionTLS11, tls.VersionTLS12
		}},
		{inCheck("check tls", "tls_versions 1.3"), func(c *probe.TLS) { c.TLSOptions.MinVersion = tls.VersionTLS13 }},
		{inCheck("check tls", "tls_versions 1.2"), func(*probe.TLS) {}},
		{inCheck("check tls", "tls_versions 1.2 1.3"), func(*probe.TLS) {}},
		{"failover {\nprimary {\nendpoint 192.0.2.1 port 81\n}\ncheck tls\n}", func(c *probe.TLS) { c.Target.Port = 81 }},
		{"failover *.example.org {\nprimary 192.0.2.1\ncheck tls {\ntls_insecure\n}\n}", func(c *probe.TLS) {
			c.TLSOptions = probe.TLSOptions{Insecure: true}
		}},
		{"failover *.example.org {\nprimary 192.0.2.1\ncheck tls web.example\n}", func(c *probe.TLS) {
			c.Target.Host, c.TLSOptions.ServerName = "web.example", "web.example"
		}},
	}
	for _, test := range tests {
		want := probe.TLS{Target: probe.Target{Port: 443}}
		want.TLSOptions.ServerName = "example.org"
		test.want(&want)
		if got := checks(t, test.text)[0].Spec.Check; got != want {
			t.Errorf("%s\ngot  %+v\nwant %+v", test.text, got, want)
		}
	}
}

func TestRefusesTLSCheck(t *testing.T) {
	tests := []struct{ property, phrase string }{
		{"host web", `unknown property "host" of check tls: expected one of alpn, damping, expect, fall, fast_interval, interval, invert, jitter, min_validity, proxy_protocol, rise, send, source, timeout, tls_ca`},
		{"tls_versions", "tls_versions: missing argument, expected tls_versions MIN [MAX]"},
		{"tls_versions 1.4", "tls_versions 1.4: expected a version of TLS, one of 1.0, 1.1, 1.2, 1.3"},
		{"tls_versions 1.3 1.2", "tls_versions 1.2: expected MAX to be 1.3 or above"},
		{"tls_versions 1.0 1.1 1.2", "tls_versions: surplus argument 1.2"},
		{"proxy_protocol 2", "proxy_protocol 2: expected v1 or v2"},
		{"proxy_protocol", "proxy_protocol: missing argument, expected proxy_protocol v1|v2"},
		{"starttls", `unknown property "starttls" of check tls`},
		{"send \\q", "send: expected a STRING in which"},
		{"min_validity", "min_validity: missing argument, expected min_validity DURATION"},
		{"min_validity 1h 2h", "min_validity: surplus argument 2h"},
		{"min_validity 0", "min_validity 0: expected a duration from 1s to 87600h"},
		{"min_validity 87601h", "min_validity 87601h: expected a duration from 1s to 87600h"},
		{"min_validity 14d", "min_validity 14d: expected a duration"},
		{"alpn", "alpn: missing argument, expected alpn PROTO..."},
		{"alpn h2,http/1.1", "alpn h2,http/1.1: expected the name of a protocol"},
		{"alpn h\xff2", "expected the name of a protocol"},
		{"alpn " + strings.Repeat("h", 256), "expected the name of a protocol"},
		{"alpn h2 http/1.1 h2", "alpn h2: expected each protocol once"},
		{"tls_ca /nonexistent", "tls_ca: expected a file that can be read: /nonexistent: no such file"},
	}
	for _, test := range tests {
		text := inCheck("check tls", test.property)
		_, err := corefile.Parse(controller(text))
		refused(t, text, err, 4, test.phrase)
	}
}
