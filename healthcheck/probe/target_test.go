package probe

import (
	"net/netip"
	"testing"

	"github.com/coredns-failover/failover/healthcheck"
)

func TestChecksInLogLines(t *testing.T) {
	tests := []struct {
		check     healthcheck.Check
		typ, want string
	}{
		{TCP{Target: Target{Port: 5432}}, "tcp", "tcp :5432"},
		{TCP{Target: Target{Host: "db.example.org", Port: 5432}}, "tcp", "tcp db.example.org:5432"},
		{TCP{Target: Target{Host: "2001:db8::1", Port: 5432}}, "tcp", "tcp [2001:db8::1]:5432"},
		{HTTP{Target: Target{Port: 8080, Path: "/healthz"}}, "http", "http :8080/healthz"},
		{HTTP{TLS: true, Target: Target{Host: "example.org", Port: 443, Path: "/"},
			Headers: "X: s3cret", User: "me", Password: "s3cret", Bearer: "s3cret"}, "https", "https example.org:443/"},
	}
	for _, tc := range tests {
		if tc.check.Type() != tc.typ || tc.check.String() != tc.want {
			t.Errorf("%s, %s; want %s, %s", tc.check.Type(), tc.check, tc.typ, tc.want)
		}
	}
}

func TestPath(t *testing.T) {
	tests := []struct{ path, addr, want string }{
		{"", "192.0.2.1", "/"},
		{"/a%20b?c=d&e", "192.0.2.1", "/a%20b?c=d&e"},
		{"/of/{endpoint}?{endpoint}", "192.0.2.1", "/of/192.0.2.1?192.0.2.1"},
		{"/of/{endpoint}", "2001:db8::1", "/of/2001:db8::1"},
		{"/of/{endpoint}", "fe80::1%eth0", "/of/fe80::1%25eth0"},
		{"/#x", "192.0.2.1", "/%23x"},
		{"//x/y", "192.0.2.1", "//x/y"},
	}
	for _, tc := range tests {
		u, err := Target{Path: tc.path}.path(netip.MustParseAddr(tc.addr))
		if err != nil || u.RequestURI() != tc.want {
			t.Errorf("%s of %s: %v, %v; want %s", tc.path, tc.addr, u, err, tc.want)
		}
	}
}
