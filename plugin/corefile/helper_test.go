package corefile

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/coredns/caddy"
	"github.com/coredns/caddy/caddyfile"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/plugin/pool"
)

// controller has the tokens of text in a server block for example.org.
func controller(text string) *caddy.Controller {
	c := caddy.NewTestController("dns", text)
	c.ServerBlockKeys = []string{"dns://example.org.:53"}
	return c
}

func mustParse(t *testing.T, text string) *Config {
	t.Helper()
	config, err := Parse(controller(text))
	if err != nil {
		t.Fatalf("%s\nis refused: %v", text, err)
	}
	return config
}

// refused checks that err names the line and has the phrase.
func refused(t *testing.T, text string, err error, line int, phrase string) {
	t.Helper()
	if err == nil {
		t.Fatalf("%s\nis accepted, want a refusal with %q", text, phrase)
	}
	prefix := fmt.Sprintf("Testfile:%d - Error during parsing: ", line)
	if !strings.HasPrefix(err.Error(), prefix) || !strings.Contains(err.Error(), phrase) {
		t.Errorf("%s\nis refused with\n%v\nwant line %d and %q", text, err, line, phrase)
	}
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

// checks returns the checks of the first endpoint of the first pool of the only record.
func checks(t *testing.T, text string) []healthcheck.Key {
	t.Helper()
	config := mustParse(t, text)
	if len(config.Records) != 1 {
		t.Fatalf("%s\nhas %d records, want 1", text, len(config.Records))
	}
	return config.Records[0].Pools[0].Endpoints[0].Checks
}

// withCheck returns a record with these lines of checks.
func withCheck(lines string) string { return "failover {\nprimary 192.0.2.1\n" + lines + "\n}" }

// inCheck returns a record with a check that has this property, in line 4.
func inCheck(check, property string) string {
	return withCheck(check + " {\n" + property + "\n}")
}

// inPool returns a record with a pool of three that has this property, in line 4.
func inPool(property string) string {
	return "failover {\ncheck none\nprimary 192.0.2.1 192.0.2.2 192.0.2.3 {\n" + property + "\n}\n}"
}

// inRecord returns a record with this property, in line 4.
func inRecord(property string) string {
	return "failover {\ncheck none\nprimary 192.0.2.1\n" + property + "\n}"
}

func writeFile(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}
