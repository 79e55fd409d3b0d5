package main

import (
	"strings"
	"testing"

	"github.com/coredns-failover/failover/plugin/admin"
	"github.com/coredns-failover/failover/plugin/override"
	"github.com/coredns-failover/failover/plugin/pool"
)

// Shells complete what the server has.
func TestCompletion(t *testing.T) {
	newAPI(t, map[string]string{
		"GET /v1/records": list(t, newRecord("app.example.org."), newRecord("www.example.org.")),
		"GET /v1/overrides": toJSON(t, admin.OverrideList{Overrides: []override.Override{
			{ID: "abc", Target: override.Target{Address: "192.0.2.10"}, Action: pool.Drain, Reason: "new disk"}}}),
	})
	for args, want := range map[string]string{
		"status ":                           "app.example.org www.example.org",
		"status app.example.org ":           "",
		"events --record ":                  "app.example.org www.example.org",
		"drain ":                            "app.example.org www.example.org",
		"drain app.example.org/":            "app.example.org/primary app.example.org/secondary",
		"drain app.example.org/primary/":    "app.example.org/primary/192.0.2.10 app.example.org/primary/b",
		"drain app.example.org/primary/b w": "www.example.org",
		"remove ":                           "abc\tdrain 192.0.2.10: new disk",
		"status -o ":                        "table json",
		"status app --api 127.0.0.1:1 ":     "",
		"status --api 127.0.0.1:1 ":         "",
	} {
		_, out, _ := ctl(t.Context(), strings.Split("__complete "+args, " ")...)
		lines, directive, _ := strings.Cut(out, ":")
		if strings.HasPrefix(args, "remove") {
			lines, directive, _ = strings.Cut(out, "\n:")
		}
		if got := strings.Join(strings.Split(strings.TrimSpace(lines), "\n"), " "); got != want || !strings.HasPrefix(directive, "4") {
			t.Errorf("%s: got %s, want %s", args, out, want)
		}
	}
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		if status, out, _ := ctl(t.Context(), "completion", shell); status != 0 || !strings.Contains(out, "failoverctl") {
			t.Errorf("%s: %d %s", shell, status, out)
		}
	}
}

// The help alone is the manual: each command has one, in 80 columns.
func TestHelp(t *testing.T) {
	_, all, _ := ctl(t.Context(), "--help")
	for _, c := range newRoot(newPrinter(nil), newPrinter(nil)).Commands() {
		status, out, errOut := ctl(t.Context(), c.Name(), "--help")
		if status != 0 || !strings.Contains(out, "Usage:") || errOut != "" || !strings.Contains(all, c.Short) {
			t.Errorf("%s: %d %s%s", c.Name(), status, out, errOut)
		}
		wantFits(t, out)
	}
	wantFits(t, all)
	for _, must := range []string{"Exit status: 0", "FAILOVER_API", "FAILOVER_TOKEN_FILE", "NO_COLOR", "127.0.0.1:8053"} {
		if !strings.Contains(all, must) {
			t.Errorf("the help does not have %s", must)
		}
	}
	if status, out, _ := ctl(t.Context()); status != 0 || out != all {
		t.Errorf("without arguments: %d %s", status, out)
	}
}

func TestVersion(t *testing.T) {
	t.Setenv(fileVariable, "/nowhere")
	status, out, errOut := ctl(t.Context(), "version")
	if status != 0 || !strings.HasPrefix(out, "failoverctl ") || !strings.Contains(out, " go1.") {
		t.Errorf("%d %s%s", status, out, errOut)
	}
	if status, out, _ = ctl(t.Context(), "version", "-o", "json"); status != 0 || !strings.HasPrefix(out, `{"goversion":"go1.`) {
		t.Errorf("%d %s", status, out)
	}
}
