package check_test

import (
	"testing"
	"time"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/healthcheck/probe"
	"github.com/coredns-failover/failover/plugin/corefile"
)

func TestTiming(t *testing.T) {
	tests := []struct {
		property                string
		interval, timeout, fast time.Duration
	}{
		{"interval 20ms", 20 * time.Millisecond, 10 * time.Millisecond, 20 * time.Millisecond},
		{"interval 1s", time.Second, 500 * time.Millisecond, 500 * time.Millisecond},
		{"interval 1h", time.Hour, time.Second, 500 * time.Millisecond},
		{"interval 30", 30 * time.Second, time.Second, 500 * time.Millisecond},
		{"timeout 10s\ninterval 10s", 10 * time.Second, 10 * time.Second, 500 * time.Millisecond},
		{"timeout 10ms", 2 * time.Second, 10 * time.Millisecond, 500 * time.Millisecond},
		{"fast_interval 2s", 2 * time.Second, time.Second, 2 * time.Second},
		{"fast_interval 10ms", 2 * time.Second, time.Second, 10 * time.Millisecond},
	}
	for _, test := range tests {
		s := checks(t, inCheck("check tcp :80", test.property))[0].Spec
		if s.Interval != test.interval || s.Timeout != test.timeout || s.FastInterval != test.fast {
			t.Errorf("%q: got interval %v, timeout %v, fast_interval %v", test.property, s.Interval, s.Timeout, s.FastInterval)
		}
	}
}

func TestThresholdsAndJitter(t *testing.T) {
	got := checks(t, inCheck("check tcp :80", "fall 2\nrise 1000 1m\njitter 0%"))[0].Spec
	if want := (healthcheck.Threshold{Count: 2}); got.Fall != want {
		t.Errorf("fall: got %+v, want %+v, a COUNT alone means no DURATION", got.Fall, want)
	}
	if want := (healthcheck.Threshold{Count: 1000, For: time.Minute}); got.Rise != want {
		t.Errorf("rise: got %+v, want %+v", got.Rise, want)
	}
	if got.Jitter != 0 {
		t.Errorf("jitter: got %d, want 0", got.Jitter)
	}
}

func TestDampingSourceAndInvert(t *testing.T) {
	got := checks(t, inCheck("check tcp :80", "damping 1m\nsource 2001:db8::1\nsource 192.0.2.9\ninvert"))[0].Spec
	if got.Damping != time.Minute || !got.Invert || got.Source4.String() != "192.0.2.9" || got.Source6.String() != "2001:db8::1" {
		t.Errorf("got %+v", got)
	}
	if got := checks(t, inCheck("check tcp :80", "damping off"))[0].Spec; got.Damping != 0 {
		t.Errorf("damping off: got %v", got.Damping)
	}
}

func TestARG(t *testing.T) {
	tests := []struct {
		check string
		want  probe.Target
		host  string // HTTP.Host
	}{
		{"check http", probe.Target{Port: 80, Path: "/"}, "example.org"},
		{"check https", probe.Target{Port: 443, Path: "/"}, "example.org"},
		{"check http :8080", probe.Target{Port: 8080, Path: "/"}, "example.org"},
		{"check http /a:b?c={endpoint}", probe.Target{Port: 80, Path: "/a:b?c={endpoint}"}, "example.org"},
		{"check http {endpoint}:1/x", probe.Target{Port: 1, Path: "/x"}, "example.org"},
		{"check http WEB.example.:65535", probe.Target{Host: "web.example", Port: 65535, Path: "/"}, "web.example"},
		{"check http localhost", probe.Target{Host: "localhost", Port: 80, Path: "/"}, "localhost"},
		{"check http 10.0.0.1/", probe.Target{Host: "10.0.0.1", Port: 80, Path: "/"}, "example.org"},
		{"check https [2001:DB8::1]/", probe.Target{Host: "2001:db8::1", Port: 443, Path: "/"}, "example.org"},
		{"check http [2001:db8::1]:81/", probe.Target{Host: "2001:db8::1", Port: 81, Path: "/"}, "example.org"},
		{"check http {endpoint}.Proxy.example", probe.Target{Host: "{endpoint}.proxy.example", Port: 80, Path: "/"},
			"example.org"},
	}
	for _, test := range tests {
		got := checks(t, withCheck(test.check))[0].Spec.Check.(probe.HTTP)
		if got.Target != test.want || got.Host != test.host {
			t.Errorf("%s: got %+v of %s, want %+v of %s", test.check, got.Target, got.Host, test.want, test.host)
		}
	}
}

func TestPortOfEndpoint(t *testing.T) {
	tests := []struct {
		check string
		want  []uint16 // for an endpoint with port 81 and one without
	}{
		{"check http", []uint16{81, 80}},
		{"check https", []uint16{81, 443}},
		{"check http :82", []uint16{82, 82}},
	}
	for _, test := range tests {
		config := mustParse(t, "failover {\n"+test.check+"\nprimary {\nendpoint 192.0.2.1 port 81\nendpoint 192.0.2.2\n}\n}")
		for i, want := range test.want {
			key := config.Records[0].Pools[0].Endpoints[i].Checks[0]
			if got := key.Spec.Check.(probe.HTTP).Target.Port; got != want {
				t.Errorf("%s: endpoint %d is asked at port %d, want %d", test.check, i, got, want)
			}
		}
	}
}

func TestHTTPProperties(t *testing.T) {
	tests := []struct {
		property string
		want     func(*probe.HTTP)
	}{
		{"method HEAD", func(h *probe.HTTP) { h.Method = "HEAD" }},
		{"host WWW.example.", func(h *probe.HTTP) { h.Host = "www.example" }},
		{`payload "{\"a\": \"b\nc\"}\r"`, func(h *probe.HTTP) { h.Payload = `{"a": "b\nc"}\r` }},
		{"payload \"a\nb\"", func(h *probe.HTTP) { h.Payload = "a\nb" }},
		{"host www.example:8443", func(h *probe.HTTP) { h.Host, h.HostPort = "www.example", 8443 }},
		{"host www.example:443", func(h *probe.HTTP) { h.Host, h.HostPort = "www.example", 443 }},
		{"header x-a b\nheader X-A \"c d\"", func(h *probe.HTTP) { h.Headers = "X-A: b\nX-A: c d" }},
		{"header Authorization a\nheader Authorization b",
			func(h *probe.HTTP) { h.Headers = "Authorization: a\nAuthorization: b" }},
		{"status 404", func(h *probe.HTTP) { h.Status = "404" }},
		{"status 301 200-204 205 100-599", func(h *probe.HTTP) { h.Status = "100-599" }},
		{"status 304 200-202 203-299 201", func(h *probe.HTTP) { h.Status = "200-299,304" }},
		{"body \"^a b$\"", func(h *probe.HTTP) { h.Body = "^a b$" }},
		{"body_not down", func(h *probe.HTTP) { h.BodyNot = "down" }},
		{"assert \"status == 200 && json.ok\"", func(h *probe.HTTP) { h.Assert = "status == 200 && json.ok" }},
		{"assert status in 200..204 and header('X') != ''", func(h *probe.HTTP) {
			h.Assert = "status in 200..204 and header('X') != ''"
		}},
		{"basic_auth me \"pass word\"", func(h *probe.HTTP) { h.User, h.Password = "me", "pass word" }},
		{"bearer t0ken", func(h *probe.HTTP) { h.Bearer = "t0ken" }},
		{"redirects 10", func(h *probe.HTTP) { h.Redirects = 10 }},
		{"tls_server_name X.example.", func(h *probe.HTTP) { h.TLSOptions.ServerName = "x.example" }},
		{"tls_insecure", func(h *probe.HTTP) { h.TLSOptions.Insecure = true }},
	}
	for _, test := range tests {
		want := probe.HTTP{
			TLS: true, Target: probe.Target{Port: 443, Path: "/"},
			Method: "GET", Host: "example.org", Status: "200-399",
		}
		test.want(&want)
		if got := checks(t, inCheck("check https", test.property))[0].Spec.Check; got != want {
			t.Errorf("%s\ngot  %+v\nwant %+v", test.property, got, want)
		}
	}
}

// Equal settings are one check, however they are written.
func TestEqualSettingsAreEqual(t *testing.T) {
	tests := []struct{ a, b string }{
		{withCheck("check http"), withCheck("check http {endpoint}:80/ {\n}")},
		{withCheck("check http"), inCheck("check http", "host Example.ORG.\nmethod GET\nstatus 300-399 200-299\nredirects 0")},
		{withCheck("check tcp :80"), inCheck("check tcp :80", "interval 2\ntimeout 1000ms\nfast_interval .5s\njitter 10%")},
		{withCheck("check tcp :80"), inCheck("check tcp :80", "fall 5 3\nrise 5 0s")},
		{withCheck("check tcp :80"), "failover {\nprimary {\nendpoint 192.0.2.1 port 80\n}\ncheck tcp\n}"},
		{withCheck("check http web.example"), inCheck("check http WEB.example.", "host web.example")},
		{withCheck("check http :8080"), inCheck("check http :8080", "host example.org:8080")},
		{inCheck("check http", "header x-y 1"), inCheck("check http", "header X-Y \" 1 \"")},
	}
	for _, test := range tests {
		a, b := checks(t, test.a)[0], checks(t, test.b)[0]
		if a != b {
			t.Errorf("%s\nand\n%s\ndiffer:\n%+v\n%+v", test.a, test.b, a, b)
		}
	}
}

func TestWatch(t *testing.T) {
	if got := checks(t, inCheck("check tcp :80", "watch"))[0].Spec; !got.Watch {
		t.Errorf("got %+v", got)
	}
	text := inCheck("check tcp :80", "watch\ninvert")
	_, err := corefile.Parse(controller(text))
	refused(t, text, err, 3, "check tcp: expected one of watch and invert, and both are set")
}
