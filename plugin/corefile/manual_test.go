package corefile

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// arguments has the arguments that types of checks require.
var arguments = map[string]string{
	"dns": " example.com", "exec": " /bin/sh", "file": " README.md", "grpc": " :1", "heartbeat": " a", "prometheus": " http://p up", "tcp": " :1", "udp": " :1",
}

// manual is the text of the pages in whose tables each property has a row.
func manual(t *testing.T) string {
	t.Helper()
	var text strings.Builder
	for _, page := range []string{"README.md", "../admin/README.md", "../../healthcheck/README.md"} {
		b, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		text.Write(b)
	}
	return text.String()
}

// Every property and every type of check has a row in the manual, which begins with its
// usage. The errors of the parser have the list and the usages.
func TestManualHasARowForEveryProperty(t *testing.T) {
	text := manual(t)
	const nonsense = "nonsense"
	within := func(format, body string) string { return strings.ReplaceAll(format, "BODY", body) }
	rows := func(format string) {
		words := expectedOneOf(t, within(format, nonsense))
		for _, word := range words {
			row := "| `" + word
			if usage := usageOf(within(format, word)); usage != "" {
				row = "| `" + strings.ReplaceAll(usage, "|", `\|`) + "`"
			}
			if !regexp.MustCompile(regexp.QuoteMeta(row) + "[ `]").MatchString(text) {
				t.Errorf("no table has a row that begins with %s", row)
			}
		}
	}
	const pool = "failover {\nprimary 192.0.2.1 {\nBODY\n}\n}"
	rows("failover {\nBODY\n}")
	rows("failover {\nrecord a {\nBODY\n}\n}")
	rows("failover {\napi 127.0.0.1:8053 {\nBODY\n}\n}")
	rows(pool)
	rows(within(pool, "endpoint 192.0.2.2 BODY"))
	rows(within(pool, "policy BODY"))
	for _, typ := range expectedOneOf(t, within(pool, "check "+nonsense)) {
		if !strings.Contains(text, "| `check "+typ+" ") && !strings.Contains(text, "| `check "+typ+"`") {
			t.Errorf("no table has a row for check %s", typ)
		}
		if typ != "none" {
			rows(within(pool, "check "+typ+arguments[typ]+" {\nBODY\n}"))
		}
	}
}

// expectedOneOf returns the words that the refusal of text expects.
func expectedOneOf(t *testing.T, text string) []string {
	t.Helper()
	_, err := Parse(controller(text))
	if err == nil {
		t.Fatalf("%s\nis accepted", text)
	}
	_, words, found := strings.Cut(err.Error(), ": expected one of ")
	if !found {
		_, words, found = strings.Cut(err.Error(), ", expected one of ")
	}
	if !found {
		t.Fatalf("%v: it does not say what may stand there", err)
	}
	return strings.Split(words, ", ")
}

// usageOf returns the usage of the property that lacks an argument in text.
func usageOf(text string) string {
	_, err := Parse(controller(text))
	if err == nil {
		return ""
	}
	_, usage, _ := strings.Cut(err.Error(), ": missing argument, expected ")
	return usage
}
