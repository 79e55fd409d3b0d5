package probe

import (
	"strings"
	"testing"

	"github.com/coredns-failover/failover/test/kit"
)

func TestHostHeader(t *testing.T) {
	tests := []struct {
		tls            bool
		target, header uint16 // ports
		host, want     string
	}{
		{false, 80, 0, "app.example.org", "app.example.org"},
		{true, 443, 0, "app.example.org", "app.example.org"},
		{true, 80, 0, "app.example.org", "app.example.org:80"},
		{false, 443, 0, "app.example.org", "app.example.org:443"},
		{false, 8080, 0, "app.example.org", "app.example.org:8080"},
		{false, 8080, 8443, "app.example.org", "app.example.org:8443"},
		{false, 8080, 80, "app.example.org", "app.example.org:80"},
		{false, 8080, 0, "192.0.2.1", "192.0.2.1:8080"},
		{false, 80, 0, "2001:db8::1", "[2001:db8::1]"},
		{false, 8080, 0, "2001:db8::1", "[2001:db8::1]:8080"},
		{false, 80, 0, "fe80::1%eth0", "[fe80::1]"},
	}
	for _, tc := range tests {
		check := HTTP{TLS: tc.tls, Target: Target{Port: tc.target}, HostPort: tc.header}
		if got := check.hostHeader(tc.host); got != tc.want {
			t.Errorf("%+v: %s", tc, got)
		}
	}
}

// A target makes redirects of the Host header. They lead back to where the check
// connects, whatever port it connects to and whatever port the header has.
func TestRedirectsMadeOfTheHostHeader(t *testing.T) {
	tests := []struct {
		target, header uint16
		location       string
		asked          []string
	}{
		{8080, 0, "/x", []string{"192.0.2.1:8080 GET app.test:8080 /0", "192.0.2.1:8080 GET app.test:8080 /x"}},
		{8080, 0, "http://app.test:8080/x", []string{"192.0.2.1:8080 GET app.test:8080 /0", "192.0.2.1:8080 GET app.test:8080 /x"}},
		{8080, 0, "http://app.test/x", []string{"192.0.2.1:8080 GET app.test:8080 /0", "192.0.2.1:80 GET app.test /x"}},
		{80, 0, "http://app.test:8080/x", []string{"192.0.2.1:80 GET app.test /0", "192.0.2.1:8080 GET app.test:8080 /x"}},
		{8080, 9090, "/x", []string{"192.0.2.1:8080 GET app.test:9090 /0", "192.0.2.1:8080 GET app.test:9090 /x"}},
		{8080, 9090, "//app.test:9090/x", []string{"192.0.2.1:8080 GET app.test:9090 /0", "192.0.2.1:8080 GET app.test:9090 /x"}},
		{8080, 9090, "http://app.test:9090/x", []string{"192.0.2.1:8080 GET app.test:9090 /0", "192.0.2.1:8080 GET app.test:9090 /x"}},
		{8080, 9090, "http://app.test:8080/x", []string{"192.0.2.1:8080 GET app.test:9090 /0", "192.0.2.1:8080 GET app.test:8080 /x"}},
		{8080, 9090, "http://other.test:9090/x", []string{"192.0.2.1:8080 GET app.test:9090 /0", "other.test:9090 GET other.test:9090 /x"}},
		{8080, 80, "http://app.test/x", []string{"192.0.2.1:8080 GET app.test:80 /0", "192.0.2.1:8080 GET app.test /x"}},
	}
	for _, tc := range tests {
		w := newWorld(t, tc.location)
		check := HTTP{Target: Target{Port: tc.target, Path: "/0"}, Host: "app.test", HostPort: tc.header, Redirects: 1}
		kit.WantError(t, ask(t, check.prober(w.dial), "192.0.2.1"), "")
		if got, want := strings.Join(w.asked, "\n"), strings.Join(tc.asked, "\n"); got != want {
			t.Errorf("%+v: asks\n%s\nwant\n%s", tc, got, want)
		}
	}
}
