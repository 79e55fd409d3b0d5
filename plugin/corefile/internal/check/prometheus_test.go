package check_test

import (
	"strings"
	"testing"

	"github.com/coredns-failover/failover/healthcheck/probe"
	"github.com/coredns-failover/failover/plugin/corefile"
)

func TestPrometheus(t *testing.T) {
	tests := []struct {
		check string
		want  probe.Prometheus
	}{
		{"check prometheus http://prom.example up",
			probe.Prometheus{Server: probe.Target{Host: "prom.example", Port: 80}, Query: "up"}},
		{"check prometheus HTTPS://Prom.example./ \" up == 1 \"",
			probe.Prometheus{TLS: true, Server: probe.Target{Host: "prom.example", Port: 443}, Query: "up == 1"}},
		{"check prometheus http://[2001:db8::1]:9090/a/b/ up{instance=~'{endpoint}:.*'}",
			probe.Prometheus{Server: probe.Target{Host: "2001:db8::1", Port: 9090, Path: "/a/b"},
				Query: "up{instance=~'{endpoint}:.*'}"}},
		{"check prometheus http://{endpoint}:9090 up",
			probe.Prometheus{Server: probe.Target{Port: 9090}, Query: "up"}},
		{"check prometheus https://10.0.0.1 up {\nbearer t0ken\nheader x-a b\nheader X-C d\ntls_insecure\n}",
			probe.Prometheus{TLS: true, Server: probe.Target{Host: "10.0.0.1", Port: 443}, Query: "up",
				Bearer: "t0ken", Headers: "X-A: b\nX-C: d", TLSOptions: probe.TLSOptions{Insecure: true}}},
	}
	for _, test := range tests {
		if got := checks(t, withCheck(test.check))[0].Spec.Check; got != test.want {
			t.Errorf("%s\ngot  %+v\nwant %+v", test.check, got, test.want)
		}
	}
}

// The port of an endpoint is not the port of the Prometheus server.
func TestPrometheusIgnoresThePortOfTheEndpoint(t *testing.T) {
	text := "failover {\nprimary {\nendpoint 192.0.2.1 port 81\n}\ncheck prometheus http://prom.example up\n}"
	if got := checks(t, text)[0].Spec.Check.(probe.Prometheus).Server.Port; got != 80 {
		t.Errorf("asks port %d", got)
	}
}

func TestRefusesPrometheus(t *testing.T) {
	const url = "expected http(s)://HOST[:PORT][/PREFIX]"
	tests := []struct{ check, phrase string }{
		{"check prometheus", "check prometheus: missing argument, expected check prometheus URL QUERY"},
		{"check prometheus http://p", "check prometheus: missing argument"},
		{"check prometheus http://p \"\"", "check: an argument is empty"},
		{"check prometheus http://p \" \"", "check prometheus: QUERY is empty"},
		{"check prometheus http://p up == 1", "check prometheus: surplus argument ==, expected check prometheus URL QUERY; a QUERY with spaces is written in quotes"},
		{"check prometheus p:9090 up", "check prometheus p:9090: " + url},
		{"check prometheus ftp://p up", "check prometheus ftp://p: " + url},
		{"check prometheus http:// up", url},
		{"check prometheus http://:9090 up", "check prometheus http://:9090: " + url + " with a HOST"},
		{"check prometheus http:///x up", url},
		{"check prometheus http://me:s3cret@p up", url},
		{"check prometheus http://p?key=s3cret up", url},
		{"check prometheus \"http://p#x\" up", url},
		{"check prometheus http://p:0 up", "check prometheus port 0: expected a number from 1 to 65535"},
		{"check prometheus http://p:http up", "check prometheus port http: expected a number"},
		{"check prometheus http://p://q up", "without ://"},
		{"check prometheus \"http://p /\" up", "expected HOST to be a name"},
		{"check prometheus http://p/ä up", "expected a path"},
		{"check prometheus http://2001:db8::1 up", "an IPv6 address in brackets"},
	}
	for _, test := range tests {
		text := withCheck(test.check)
		_, err := corefile.Parse(controller(text))
		refused(t, text, err, 3, test.phrase)
		if err != nil && strings.Contains(err.Error(), "cret") {
			t.Errorf("%s\nis refused with its secret: %v", text, err)
		}
	}
	for property, phrase := range map[string]string{
		"basic_auth a b":      `unknown property "basic_auth" of check prometheus: expected one of bearer, damping, fall, fast_interval, header, interval`,
		"header A":            "header: missing argument",
		"bearer a b":          "bearer: surplus argument",
		"tls_pin x":           "tls_pin x: expected a SHA-256 digest",
		"header Host s3cret":  "header Host: ",
		"bearer file:/nosuch": "bearer: expected a file that can be read: /nosuch",
	} {
		text := inCheck("check prometheus http://p up", property)
		_, err := corefile.Parse(controller(text))
		refused(t, text, err, 4, phrase)
	}
}
