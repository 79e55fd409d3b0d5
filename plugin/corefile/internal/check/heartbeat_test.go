package check_test

import (
	"strings"
	"testing"
	"time"

	"github.com/coredns-failover/failover/healthcheck/probe"
	"github.com/coredns-failover/failover/plugin/corefile"
	"github.com/coredns-failover/failover/plugin/corefile/internal/testfile"
)

// grace is three intervals unless it is set.
func TestHeartbeatGrace(t *testing.T) {
	for property, want := range map[string]time.Duration{
		"":                        6 * time.Second,
		"interval 1m":             3 * time.Minute,
		"grace 90":                90 * time.Second,
		"grace 1ms\ninterval 10s": time.Millisecond,
		"grace 48h":               48 * time.Hour,
	} {
		got := checks(t, inCheck("check heartbeat db-1.x_Y", property))[0].Spec.Check
		if got != (probe.Heartbeat{Name: "db-1.x_Y", Grace: want}) {
			t.Errorf("%q: got %+v, want %s", property, got, want)
		}
	}
}

func TestRefusesHeartbeat(t *testing.T) {
	for check, phrase := range map[string]string{
		"heartbeat":                             "check heartbeat: missing argument, expected check heartbeat NAME",
		"heartbeat a b":                         "surplus argument b",
		"heartbeat a/b":                         "heartbeat a/b: expected a name",
		"heartbeat ..":                          "heartbeat ..: expected a name",
		"heartbeat é":                           "heartbeat é: expected a name",
		"heartbeat " + strings.Repeat("a", 101): "expected a name",
		"heartbeat a {\ngrace\n}":               "grace: missing argument",
		"heartbeat a {\ngrace 1s 2s\n}":         "grace: surplus argument",
		"heartbeat a {\ngrace 0\n}":             "grace 0: expected a duration",
		"heartbeat a {\ngrace x\n}":             "grace x: expected a duration",
		"heartbeat a {\ngrace 1s\ngrace 1s\n}":  "grace is given twice",
		"heartbeat a {\nsource 127.0.0.1\n}":    "unknown property \"source\"",
		"heartbeat a\ncheck heartbeat a":        "duplicate check heartbeat",
	} {
		text := testfile.WithCheck("check " + check)
		_, err := corefile.Parse(testfile.Controller(text))
		if err == nil || !strings.Contains(err.Error(), phrase) {
			t.Errorf("%s\nis refused with %v, want %q", text, err, phrase)
		}
	}
}
