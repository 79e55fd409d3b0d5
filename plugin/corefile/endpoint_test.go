package corefile

import (
	"net/netip"
	"path/filepath"
	"testing"

	"github.com/coredns-failover/failover/healthcheck/probe"
)

// A check of a name is a check of each of its addresses, which are not known yet.
func TestChecksOfLookedUpEndpoints(t *testing.T) {
	tests := []struct {
		target, addr string // of the check; "" is each address
		port         uint16
	}{
		{"web.example.net port 80", "", 80},
		{"web.example.net probe 10.0.0.1", "10.0.0.1", 443},
		{"web.example.net", "", 443},
		{"next", "", 443},
		{"next port 8443", "", 8443},
	}
	for _, test := range tests {
		key := checks(t, "failover {\nprimary {\nendpoint "+test.target+"\n}\ncheck https\n}")[0]
		var want netip.Addr
		if test.addr != "" {
			want = netip.MustParseAddr(test.addr)
		}
		check := key.Spec.Check.(probe.HTTP)
		if key.Addr != want || check.Target.Port != test.port || check.Host != "example.org" {
			t.Errorf("%s: got %+v", test.target, key)
		}
	}
}

// Without a label, an endpoint that is looked up has no name yet: probes use its address.
func TestLookedUpEndpointsHaveNoName(t *testing.T) {
	path := filepath.Join(t.TempDir(), "health")
	writeFile(t, path, "up")
	config := mustParse(t, "failover {\ncheck file "+path+"\ncheck exec /bin/sh\ncheck icmp\n"+
		"primary {\nendpoint a.example.net\nendpoint b.example.net name b\n}\nsecondary next\n}")
	for i, label := range []string{"", "b", ""} {
		e := config.Records[0].Pools[i/2].Endpoints[i%2]
		file := probe.File{Path: path, Label: label}
		program := probe.Exec{Path: "/bin/sh", Record: "example.org.", Pool: config.Records[0].Pools[i/2].Name, Endpoint: label}
		if e.Checks[0].Spec.Check != file || e.Checks[1].Spec.Check != program {
			t.Errorf("got  %+v, %+v\nwant %+v, %+v", e.Checks[0].Spec.Check, e.Checks[1].Spec.Check, file, program)
		}
		if e.Name != label || e.Require != 3 {
			t.Errorf("got name %q, require %d", e.Name, e.Require)
		}
	}
}
