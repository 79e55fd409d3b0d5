package corefile

import (
	"fmt"
	"strings"
	"testing"

	"github.com/coredns/caddy"
	"github.com/coredns/caddy/caddyfile"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/plugin/corefile/internal/testfile"
	"github.com/coredns-failover/failover/plugin/pool"
	"github.com/coredns-failover/failover/test/kit"
)

var (
	controller = testfile.Controller
	refused    = testfile.Refused
	inCheck    = testfile.InCheck
	writeFile  = kit.Write
)

func mustParse(t *testing.T, text string) *Config {
	t.Helper()
	return testfile.MustParse(t, Parse, text)
}

// corefile parses the failover blocks of the first server block as CoreDNS does: with
// snippets, imports and variables replaced.
func corefile(t *testing.T, name, text string) (*Config, error) {
	t.Helper()
	blocks, err := caddyfile.Parse(name, strings.NewReader(text), nil)
	if err != nil {
		t.Fatalf("caddy refuses the test: %v", err)
	}
	c := caddy.NewTestController("dns", "")
	c.Dispenser = caddyfile.NewDispenserTokens(name, blocks[0].Tokens["failover"])
	c.ServerBlockKeys = blocks[0].Keys
	return Parse(c)
}

// describe returns a record as one line, and each pool as one more.
func describe(r pool.Record) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s in %s ttl %d", r.Name, r.Zone, r.TTL)
	if r.MinTTL != r.TTL {
		fmt.Fprintf(&b, " %d", r.MinTTL)
	}
	fmt.Fprintf(&b, " all_down %s", r.AllDown.Kind)
	if r.AllDown.Kind == pool.AllDownPool {
		fmt.Fprintf(&b, " %s", r.Pools[r.AllDown.Pool].Name)
	}
	for _, p := range r.Pools {
		fmt.Fprintf(&b, "\n%s %s/%d min %s:", p.Name, p.Policy.Kind, p.Policy.Count, p.MinHealthy)
		for _, e := range p.Endpoints {
			b.WriteString(" " + describeEndpoint(e))
		}
	}
	return b.String()
}

func describeTarget(e pool.Endpoint) string {
	switch {
	case e.Next:
		return "next"
	case e.Host != "":
		return e.Host
	default:
		return e.Addr.String()
	}
}

func describeEndpoint(e pool.Endpoint) string {
	s := describeTarget(e)
	if e.Name != "" && e.Name != s {
		s = e.Name + "=" + s
	}
	if e.Weight != 1 {
		s += fmt.Sprintf("*%d", e.Weight)
	}
	if e.Disabled {
		return s + "(disabled)"
	}
	return s
}

// checks returns the checks of the first endpoint of the only record.
func checks(t *testing.T, text string) []healthcheck.Key {
	t.Helper()
	return testfile.Checks(t, text, mustParse(t, text).Records)
}

// inPool returns a record with a pool of three that has this property, in line 4.
func inPool(property string) string {
	return "failover {\ncheck none\nprimary 192.0.2.1 192.0.2.2 192.0.2.3 {\n" + property + "\n}\n}"
}

// inRecord returns a record with this property, in line 4.
func inRecord(property string) string {
	return "failover {\ncheck none\nprimary 192.0.2.1\n" + property + "\n}"
}
