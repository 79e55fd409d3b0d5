package test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The example does what the README shows. It is moved to addresses of its own.
func TestCorefileExample(t *testing.T) {
	t.Parallel()
	example, err := os.ReadFile(filepath.Join(repository, "Corefile.example"))
	if err != nil {
		t.Fatal(err)
	}
	primary, secondary := loopback(), loopback()
	corefile := strings.NewReplacer("127.0.0.1", primary, "127.0.0.2", secondary).Replace(string(example))
	broken := strings.Replace(corefile, "health "+primary+":8081", "health "+primary+":9999", 1)
	if broken == corefile {
		t.Fatal("the example has no health plugin to move")
	}
	s := start(t, corefile, vars{"ip": primary, "dns": "1053"})
	answers := func(want string) {
		t.Helper()
		becomes(t, "the answer", aRecords(want), func() string { return s.ask("app.example.org", "A") })
	}
	answers(primary)
	s.waitFor("of " + primary + ": unknown -> up")
	if status, body := s.get("http://" + primary + ":9153/metrics"); status != 200 || !strings.Contains(body, "coredns_failover_endpoint_up{") {
		t.Errorf("metrics: %d %s", status, body)
	}
	s.write("Corefile", broken)
	answers(secondary)
	s.write("Corefile", corefile)
	answers(primary)
	s.vars["api"] = "8053"
	contains(t, s.ctl(0, "status", "app.example.org"), "pool primary answers at ", "; clients get "+primary+", TTL ", "secondary ")
	s.ctl(0, "drill", "app.example.org", "--for", "1s")
	id := overrideID.FindStringSubmatch(s.ctl(0, "down", primary, "--reason", "new disk"))
	answers(secondary)
	contains(t, s.ctl(0, "overrides"), "new disk")
	s.ctl(0, "remove", id[1])
	answers(primary)
	if _, err := os.Stat(filepath.Join(s.vars["dir"], "failover-state.json")); err != nil {
		t.Errorf("what a restart must not forget: %v", err)
	}
}
