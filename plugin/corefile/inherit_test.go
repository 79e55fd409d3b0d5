package corefile

import (
	"fmt"
	"strings"
	"testing"

	"github.com/coredns-failover/failover/healthcheck/probe"
	"github.com/coredns-failover/failover/plugin/pool"
)

// asked returns the ports of the checks of e, and how many must pass.
func asked(e pool.Endpoint) string {
	if len(e.Checks) == 0 {
		return fmt.Sprintf("nothing, %d", e.Require)
	}
	var ports []string
	for _, key := range e.Checks {
		ports = append(ports, fmt.Sprint(key.Spec.Check.(probe.TCP).Target.Port))
	}
	return fmt.Sprintf("%s, %d", strings.Join(ports, " "), e.Require)
}

// A level with a property does not inherit it, and a level with a check inherits no
// require.
func TestInheritanceOfChecks(t *testing.T) {
	const two = "check tcp :1\ncheck tcp :2\n"
	tests := []struct {
		name                string
		block, record, pool string
		want                string
	}{
		{"from the block", two, "", "", "1 2, 2"},
		{"with its require", two + "require any\n", "", "", "1 2, 1"},
		{"record's checks replace all of the block's", two + "require any\n", "check tcp :3\ncheck tcp :4\n", "", "3 4, 2"},
		{"record's require is for the block's checks", two, "require 1\n", "", "1 2, 1"},
		{"all undoes any", two + "require any\n", "require all\n", "", "1 2, 2"},
		{"pool's checks replace the record's", two, "check tcp :3\nrequire 1\n", "check tcp :4\ncheck tcp :5\n", "4 5, 2"},
		{"pool's require is for the record's checks", "", two, "require any\n", "1 2, 1"},
		{"pool's require is for the block's checks", two, "", "require any\n", "1 2, 1"},
		{"pool's require goes before the record's", two, "require 1\n", "require 2\n", "1 2, 2"},
		{"the block's require is not for a record's checks", "require 2\n", "check tcp :3\n", "", "3, 1"},
		{"record's none", two, "check none\n", "", "nothing, 0"},
		{"pool's none", two, "", "check none\n", "nothing, 0"},
		{"pool's checks below none", "check none\n", "", "check tcp :1\n", "1, 1"},
		{"none that must pass", "check none\nrequire 1\n", "", "", "nothing, 0"},
	}
	for _, test := range tests {
		record := "record app {\n" + test.record + "primary 192.0.2.1 {\n" + test.pool + "}\n}\n"
		for _, text := range []string{
			"failover {\n" + test.block + record + "}",
			"failover {\n" + record + test.block + "}",
		} {
			got := asked(mustParse(t, text).Records[0].Pools[0].Endpoints[0])
			if got != test.want {
				t.Errorf("%s: %s\ngot %s, want %s", test.name, text, got, test.want)
			}
		}
	}
}

func TestInheritanceOfTheRest(t *testing.T) {
	got := mustParse(t, `failover {
		record a {
			primary 192.0.2.1
		}
		record b {
			ttl 0
			all_down nodata
			primary 192.0.2.1
		}
		record c {
			all_down spare
			primary 192.0.2.1
			pool spare 192.0.2.2
		}
		record d {
			ttl 30
			primary 192.0.2.1
		}
		ttl 60 5
		all_down all
		check none
	}`)
	want := []string{
		"a.example.org. in example.org. ttl 60 5 all_down all",
		"b.example.org. in example.org. ttl 0 all_down nodata",
		"c.example.org. in example.org. ttl 60 5 all_down pool spare",
		"d.example.org. in example.org. ttl 30 all_down all",
	}
	for i, r := range got.Records {
		if line, _, _ := strings.Cut(describe(r), "\n"); line != want[i] {
			t.Errorf("got %s, want %s", line, want[i])
		}
	}
}

// The default host of a check is the name of its record.
func TestInheritedHostIsTheRecords(t *testing.T) {
	config := mustParse(t, "failover {\ncheck http\nrecord a b {\nprimary 192.0.2.1\n}\n}")
	for i, want := range []string{"a.example.org", "b.example.org"} {
		key := config.Records[i].Pools[0].Endpoints[0].Checks[0]
		if got := key.Spec.Check.(probe.HTTP).Host; got != want {
			t.Errorf("got host %s, want %s", got, want)
		}
	}
}

// A disabled endpoint has no checks, and needs no port.
func TestDisabledEndpointIsNotAsked(t *testing.T) {
	config := mustParse(t, "failover {\ncheck tcp\nprimary {\nendpoint 192.0.2.1 disabled\nendpoint 192.0.2.2 port 80\n}\n}")
	if got := config.Records[0].Pools[0].Endpoints[0]; !got.Disabled || len(got.Checks) > 0 {
		t.Errorf("got %+v", got)
	}
}
