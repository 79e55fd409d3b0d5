package check_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/coredns/caddy"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/plugin/corefile"
)

// Checks are tested as they are written: in a record of a Corefile.

// controller has the tokens of text, as they are in a server block for example.org.
func controller(text string) *caddy.Controller {
	c := caddy.NewTestController("dns", text)
	c.ServerBlockKeys = []string{"dns://example.org.:53"}
	return c
}

func mustParse(t *testing.T, text string) *corefile.Config {
	t.Helper()
	config, err := corefile.Parse(controller(text))
	if err != nil {
		t.Fatalf("%s\nis refused: %v", text, err)
	}
	return config
}

// refused checks that err names the line and has the phrase in it.
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

// checks returns what is asked about the first endpoint of the first pool of
// the only record.
func checks(t *testing.T, text string) []healthcheck.Key {
	t.Helper()
	config := mustParse(t, text)
	if len(config.Records) != 1 {
		t.Fatalf("%s\nhas %d records, want 1", text, len(config.Records))
	}
	return config.Records[0].Pools[0].Endpoints[0].Checks
}

// withCheck is a record with these lines of checks.
func withCheck(lines string) string { return "failover {\nprimary 192.0.2.1\n" + lines + "\n}" }

// inCheck is a record with a check that has this property, in line 4.
func inCheck(check, property string) string {
	return withCheck(check + " {\n" + property + "\n}")
}

func writeFile(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}
