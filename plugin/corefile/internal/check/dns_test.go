package check_test

import (
	"testing"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/healthcheck/probe"
	"github.com/coredns-failover/failover/plugin/corefile"
)

func TestDNS(t *testing.T) {
	tests := []struct {
		check string
		want  func(*probe.DNS)
	}{
		{"check dns example.com", func(*probe.DNS) {}},
		{"check dns Example.COM. a", func(*probe.DNS) {}},
		{"check dns {endpoint}:53 example.com A", func(*probe.DNS) {}},
		{"check dns . NS", func(d *probe.DNS) { d.Name, d.RRType = ".", dns.TypeNS }},
		{"check dns _dns.example.com srv", func(d *probe.DNS) { d.Name, d.RRType = "_dns.example.com.", dns.TypeSRV }},
		{"check dns :5353 example.com", func(d *probe.DNS) { d.Target.Port = 5353 }},
		{"check dns NS1.example.:53 example.com", func(d *probe.DNS) { d.Target.Host = "ns1.example" }},
		{"check dns [2001:db8::1] example.com", func(d *probe.DNS) { d.Target.Host = "2001:db8::1" }},
		{"check dns example.com {\nrcode NXDOMAIN noerror NXDOMAIN\n}", func(d *probe.DNS) { d.RCodes = "NOERROR,NXDOMAIN" }},
		{"check dns example.com {\nanswer \" A 192[.]0\"\n}", func(d *probe.DNS) { d.Answer = " A 192[.]0" }},
		{"check dns example.com {\ntransport udp\n}", func(*probe.DNS) {}},
		{"check dns example.com {\ntransport tcp\n}", func(d *probe.DNS) { d.Transport = "tcp" }},
		{"check dns example.com {\ntransport tls\n}", func(d *probe.DNS) {
			d.Transport, d.Target.Port, d.TLSOptions.ServerName = "tls", 853, "example.org"
		}},
		{"check dns ns.example:53 example.com {\ntls_insecure\ntransport tls\n}", func(d *probe.DNS) {
			d.Transport, d.Target.Host = "tls", "ns.example"
			d.TLSOptions = probe.TLSOptions{ServerName: "ns.example", Insecure: true}
		}},
		{"check dns ns.example:53 example.com {\ntls_server_name x.example\ntransport tls\n}", func(d *probe.DNS) {
			d.Transport, d.Target.Host, d.TLSOptions.ServerName = "tls", "ns.example", "x.example"
		}},
	}
	for _, test := range tests {
		want := probe.DNS{
			Target: probe.Target{Port: 53}, Name: "example.com.", RRType: dns.TypeA, RCodes: "NOERROR", Transport: "udp",
		}
		test.want(&want)
		if got := checks(t, withCheck(test.check))[0].Spec.Check; got != want {
			t.Errorf("%s\ngot  %+v\nwant %+v", test.check, got, want)
		}
	}
}

// Under a wildcard there is no name to verify. Only TLS needs one.
func TestDNSUnderAWildcard(t *testing.T) {
	const head = "failover *.example.org {\nprimary 192.0.2.1\ncheck dns example.com {\n"
	mustParse(t, head+"transport udp\n}\n}")
	mustParse(t, head+"transport tls\ntls_insecure\n}\n}")
	text := head + "transport tls\n}\n}"
	_, err := corefile.Parse(controller(text))
	refused(t, text, err, 3, "check dns: missing tls_server_name, which must be set under the record *.example.org.")
}

func TestRefusesDNS(t *testing.T) {
	const name = "expected NAME to be a domain name; an ARG before it has a colon"
	tests := []struct {
		check  string
		line   int
		phrase string
	}{
		{"check dns", 3, "check dns: missing NAME, expected check dns [ARG] NAME [TYPE]"},
		{"check dns :53", 3, "check dns: missing NAME"},
		{"check dns :53 example.com A IN", 3, "check dns: surplus argument IN"},
		{"check dns 192.0.2.1 example.com", 3, "check dns 192.0.2.1: " + name},
		{"check dns exa..mple", 3, "check dns exa..mple: " + name},
		{"check dns {endpoint}", 3, "check dns {endpoint}: " + name},
		{"check dns \"a b\"", 3, "has a space or newline"},
		{"check dns example.com Q", 3, "check dns Q: expected TYPE to be the type of a record"},
		{"check dns example.com AXFR", 3, "check dns AXFR: expected TYPE"},
		{"check dns example.com opt", 3, "check dns opt: expected TYPE"},
		{"check dns udp://:53 example.com", 3, "without ://"},
		{"check dns :53/x example.com", 3, "without a path"},
		{"check dns :0 example.com", 3, "check dns port 0: expected a number"},
		{"check dns 2001:db8::1 example.com", 3, "an IPv6 address in brackets"},
		{"check dns x {\nrcode\n}", 4, "rcode: missing argument, expected rcode CODE..."},
		{"check dns x {\nrcode OK\n}", 4, "rcode OK: expected an rcode, one of "},
		{"check dns x {\nrcode BADVERS\n}", 4, "rcode BADVERS: expected an rcode"},
		{"check dns x {\nrcode 0\n}", 4, "rcode 0: expected an rcode"},
		{"check dns x {\nanswer (\n}", 4, "answer (: expected a regular expression"},
		{"check dns x {\nanswer a b\n}", 4, "answer: surplus argument b"},
		{"check dns x {\ntransport\n}", 4, "transport: missing argument"},
		{"check dns x {\ntransport https\n}", 4, "transport https: expected udp, tcp or tls"},
		{"check dns x {\ntransport tcp\ntransport tcp\n}", 5, "transport is given twice"},
		{"check dns x {\ntransport tcp\ntls_insecure\n}", 5, "tls_insecure: expected transport tls beside it"},
		{"check dns x {\nstatus 200\n}", 4, `unknown property "status" of check dns`},
	}
	for _, test := range tests {
		text := withCheck(test.check)
		_, err := corefile.Parse(controller(text))
		refused(t, text, err, test.line, test.phrase)
	}
}
