// Package testfile helps the tests of package corefile and of those below it. Nothing else imports it.
package testfile

import (
	"fmt"
	"strings"
	"testing"

	"github.com/coredns/caddy"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/plugin/pool"
)

// Controller has the tokens of text, as they are in a server block for example.org.
func Controller(text string) *caddy.Controller {
	c := caddy.NewTestController("dns", text)
	c.ServerBlockKeys = []string{"dns://example.org.:53"}
	return c
}

// MustParse returns what parse makes of text.
func MustParse[Config any](t *testing.T, parse func(*caddy.Controller) (Config, error), text string) Config {
	t.Helper()
	config, err := parse(Controller(text))
	if err != nil {
		t.Fatalf("%s\nis refused: %v", text, err)
	}
	return config
}

// Refused checks that err names the line and has the phrase in it.
func Refused(t *testing.T, text string, err error, line int, phrase string) {
	t.Helper()
	if err == nil {
		t.Fatalf("%s\nis accepted, want a refusal with %q", text, phrase)
	}
	prefix := fmt.Sprintf("Testfile:%d - Error during parsing: ", line)
	if !strings.HasPrefix(err.Error(), prefix) || !strings.Contains(err.Error(), phrase) {
		t.Errorf("%s\nis refused with\n%v\nwant line %d and %q", text, err, line, phrase)
	}
}

// Checks returns the checks of the first endpoint of the only record, which text was parsed to.
func Checks(t *testing.T, text string, records []pool.Record) []healthcheck.Key {
	t.Helper()
	if len(records) != 1 {
		t.Fatalf("%s\nhas %d records, want 1", text, len(records))
	}
	return records[0].Pools[0].Endpoints[0].Checks
}

// WithCheck returns a record with these lines of checks.
func WithCheck(lines string) string { return "failover {\nprimary 192.0.2.1\n" + lines + "\n}" }

// InCheck returns a record with a check that has this property, in line 4.
func InCheck(check, property string) string {
	return WithCheck(check + " {\n" + property + "\n}")
}
