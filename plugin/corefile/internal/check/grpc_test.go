package check_test

import (
	"testing"

	"github.com/coredns-failover/failover/healthcheck/probe"
	"github.com/coredns-failover/failover/plugin/corefile"
)

func TestGRPC(t *testing.T) {
	tests := []struct {
		check string
		want  func(*probe.GRPC)
	}{
		{"check grpc :50051", func(*probe.GRPC) {}},
		{"check grpc {endpoint}:50051", func(*probe.GRPC) {}},
		{"check grpc Web.example.:50051", func(g *probe.GRPC) { g.Target.Host, g.Authority = "web.example", "web.example" }},
		{"check grpc 10.0.0.1:50051", func(g *probe.GRPC) { g.Target.Host = "10.0.0.1" }},
		{"check grpc :50051 {\nservice my.package.Service\n}", func(g *probe.GRPC) { g.Service = "my.package.Service" }},
		{"check grpc :50051 {\nauthority WWW.example.\n}", func(g *probe.GRPC) { g.Authority = "www.example" }},
		{"check grpc :50051 {\ntls\n}", func(g *probe.GRPC) { g.TLS, g.TLSOptions.ServerName = true, "example.org" }},
		{"check grpc :50051 {\ntls\nauthority www.example\n}", func(g *probe.GRPC) {
			g.TLS, g.Authority, g.TLSOptions.ServerName = true, "www.example", "www.example"
		}},
		{"check grpc :50051 {\ntls_server_name x.example\ntls_insecure\ntls\n}", func(g *probe.GRPC) {
			g.TLS, g.TLSOptions = true, probe.TLSOptions{ServerName: "x.example", Insecure: true}
		}},
	}
	for _, test := range tests {
		want := probe.GRPC{Target: probe.Target{Port: 50051}, Authority: "example.org"}
		test.want(&want)
		if got := checks(t, withCheck(test.check))[0].Spec.Check; got != want {
			t.Errorf("%s\ngot  %+v\nwant %+v", test.check, got, want)
		}
	}
}

func TestGRPCUnderAWildcard(t *testing.T) {
	const head = "failover *.example.org {\nprimary {\nendpoint 192.0.2.1 port 81\n}\ncheck grpc {\n"
	if g := checks(t, head+"}\n}")[0].Spec.Check; g != (probe.GRPC{Target: probe.Target{Port: 81}}) {
		t.Errorf("got %+v", g)
	}
	mustParse(t, head+"tls\ntls_insecure\n}\n}")
	mustParse(t, head+"tls\nauthority app.example.org\n}\n}")
	text := head + "tls\n}\n}"
	_, err := corefile.Parse(controller(text))
	refused(t, text, err, 5, "check grpc: missing tls_server_name, which must be set under the record *.example.org.")
}

func TestRefusesGRPC(t *testing.T) {
	tests := []struct {
		check  string
		line   int
		phrase string
	}{
		{"check grpc", 3, "check grpc: missing port, expected check grpc :PORT or endpoint 192.0.2.1 port N"},
		{"check grpc web", 3, "check grpc: missing port"},
		{"check grpc :0", 3, "check grpc port 0: expected a number"},
		{"check grpc :1/x", 3, "without a path"},
		{"check grpc grpc://:1", 3, "without ://"},
		{"check grpc :1 Service", 3, "surplus argument Service, expected check grpc [ARG]"},
		{"check grpc :1 {\nservice\n}", 4, "service: missing argument, expected service NAME"},
		{"check grpc :1 {\nservice a b\n}", 4, "service: surplus argument b"},
		{"check grpc :1 {\nservice \"a b\"\n}", 4, "has a space or newline"},
		{"check grpc :1 {\nservice a\x01\n}", 4, "expected the name of a service"},
		{"check grpc :1 {\nauthority\n}", 4, "authority: missing argument"},
		{"check grpc :1 {\nauthority web:80\n}", 4, "authority web:80: expected a host name without a port"},
		{"check grpc :1 {\nauthority 192.0.2.1\n}", 4, "authority 192.0.2.1: expected a host name"},
		{"check grpc :1 {\ntls yes\n}", 4, "tls: surplus argument yes"},
		{"check grpc :1 {\ntls\ntls\n}", 5, "tls is given twice"},
		{"check grpc :1 {\ntls_insecure\n}", 4, "tls_insecure: expected tls beside it"},
		{"check grpc :1 {\nhost a\n}", 4, `unknown property "host" of check grpc`},
	}
	for _, test := range tests {
		text := withCheck(test.check)
		_, err := corefile.Parse(controller(text))
		refused(t, text, err, test.line, test.phrase)
	}
}
