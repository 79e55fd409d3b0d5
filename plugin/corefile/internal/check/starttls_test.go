package check_test

import (
	"testing"

	"github.com/coredns-failover/failover/healthcheck/probe"
	"github.com/coredns-failover/failover/plugin/corefile"
)

func TestStartTLS(t *testing.T) {
	smtp := probe.Dialogue("").Send("STARTTLS").StartTLS().Send("EHLO a")
	const body = "send STARTTLS\nstarttls\nsend \"EHLO a\"\n"
	wild := func(check string) string { return "failover *.example.org {\nprimary 192.0.2.1\n" + check + "}\n}" }
	tests := []struct {
		text string
		want probe.TLSOptions
	}{
		{inCheck("check tcp :25", body), probe.TLSOptions{ServerName: "example.org"}},
		{inCheck("check tcp 10.0.0.1:25", body), probe.TLSOptions{ServerName: "example.org"}},
		{inCheck("check tcp {endpoint}.proxy.example:25", body), probe.TLSOptions{ServerName: "example.org"}},
		{inCheck("check tcp MX.example.net.:25", body), probe.TLSOptions{ServerName: "mx.example.net"}},
		{inCheck("check tcp mx.example.net:25", "tls_server_name mail.example\n"+body), probe.TLSOptions{ServerName: "mail.example"}},
		{inCheck("check tcp :25", body+"tls_insecure"), probe.TLSOptions{ServerName: "example.org", Insecure: true}},
		{wild("check tcp mx.example.net:25 {\n" + body), probe.TLSOptions{ServerName: "mx.example.net"}},
		{wild("check tcp :25 {\ntls_server_name mail.example\n" + body), probe.TLSOptions{ServerName: "mail.example"}},
		{wild("check tcp :25 {\ntls_insecure\n" + body), probe.TLSOptions{Insecure: true}},
	}
	for _, test := range tests {
		got := checks(t, test.text)[0].Spec.Check.(probe.TCP)
		if got.Dialogue != smtp || got.TLSOptions != test.want {
			t.Errorf("%s\ngot  %+v\nwant %+v", test.text, got, test.want)
		}
	}
}

func TestRefusesStartTLS(t *testing.T) {
	tests := []struct {
		text   string
		line   int
		phrase string
	}{
		{inCheck("check tcp :25", "starttls\nstarttls"), 5, "starttls is given twice"},
		{inCheck("check tcp :25", "starttls yes"), 4, "starttls: surplus argument yes, expected starttls"},
		{inCheck("check udp :25", "starttls"), 4, `unknown property "starttls" of check udp`},
		{inCheck("check http", "starttls"), 4, `unknown property "starttls" of check http`},
		{inCheck("check tcp :25", "send a\ntls_insecure"), 5, "tls_insecure: expected starttls beside it"},
		{inCheck("check tcp :25", "tls_versions 1.0"), 4, "tls_versions: expected starttls beside it"},
		{inCheck("check tcp :25", "tls_server_name a.example"), 4, "tls_server_name: expected starttls beside it"},
		{inCheck("check udp :25", "proxy_protocol v1"), 4, `unknown property "proxy_protocol" of check udp`},
		{inCheck("check icmp", "proxy_protocol v1"), 4, `unknown property "proxy_protocol" of check icmp`},
		{inCheck("check dns example.org", "proxy_protocol v1"), 4, `unknown property "proxy_protocol" of check dns`},
		{inCheck("check tcp :25", "payload a"), 4, `unknown property "payload" of check tcp`},
		{inCheck("check grpc :25", "tls_versions 1.3"), 4, "tls_versions: expected tls beside it"},
		{inCheck("check dns example.org", "tls_versions 1.3"), 4, "tls_versions: expected transport tls beside it"},
		{"failover *.example.org {\nprimary 192.0.2.1\ncheck tcp :25 {\nstarttls\n}\n}", 3,
			"check tcp: missing tls_server_name, which must be set under the record *.example.org."},
	}
	for _, test := range tests {
		_, err := corefile.Parse(controller(test.text))
		refused(t, test.text, err, test.line, test.phrase)
	}
}

// The place of starttls among the steps is part of the check.
func TestStartTLSHasItsPlace(t *testing.T) {
	a := checks(t, inCheck("check tcp :25", "starttls\nsend a"))[0]
	b := checks(t, inCheck("check tcp :25", "send a\nstarttls"))[0]
	c := checks(t, inCheck("check tcp :25", "send starttls"))[0]
	if a == b || b == c {
		t.Error("they are taken for one check")
	}
}

func TestProxyProtocol(t *testing.T) {
	version := func(check string) byte {
		switch c := checks(t, inCheck(check, "proxy_protocol v1"))[0].Spec.Check.(type) {
		case probe.TCP:
			return c.ProxyProtocol
		case probe.TLS:
			return c.ProxyProtocol
		case probe.HTTP:
			return c.ProxyProtocol
		case probe.GRPC:
			return c.ProxyProtocol
		}
		return 0
	}
	for _, check := range []string{"check tcp :1", "check tls", "check http", "check https", "check grpc :1"} {
		if version(check) != 1 {
			t.Errorf("%s does not know of it", check)
		}
	}
}
