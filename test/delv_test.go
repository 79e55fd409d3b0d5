package test

import (
	"fmt"
	"os/exec"
	"strings"
	"testing"
)

// A validator agrees: each answer is fully validated, denials included.
func TestDelv(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("delv"); err != nil {
		t.Skipf("delv is not installed: %v", err)
	}
	s, key := startSigned(t, "")
	anchor := s.write("anchor", fmt.Sprintf("trust-anchors { example.org. static-key %d %d %d %q; };\n",
		key.Flags, key.Protocol, key.Algorithm, key.PublicKey))
	tests := []struct{ name, qtype, want string }{
		{"app.example.org", "A", "fully validated"},
		{"example.org", "A", "fully validated"},
		{"x.apps.example.org", "A", "fully validated"},
		{"app.example.org", "AAAA", "negative response, fully validated"},
		{"app.example.org", "HTTPS", "negative response, fully validated"},
		{"apps.example.org", "A", "negative response, fully validated"},
		{"here.example.org", "TXT", "negative response, fully validated"},
		{"unknown.example.org", "A", "negative response, fully validated"},
	}
	all := func() {
		t.Helper()
		for _, test := range tests {
			said := delv(t, "@"+s.vars["ip"], "-p", s.vars["dns"], "-a", anchor, "+root=example.org", test.name, test.qtype)
			if !strings.Contains(said, "; "+test.want) {
				t.Errorf("%s %s: delv says\n%s\nwant %s", test.name, test.qtype, indent(said), test.want)
			}
		}
	}
	s.answersFrom(s.primary)
	all()
	s.primary.sick()
	s.answersFrom(s.secondary)
	all()
}

func delv(t *testing.T, args ...string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "delv", args...).CombinedOutput()
	if err != nil {
		t.Errorf("delv %s: %v", strings.Join(args, " "), err)
	}
	return string(out)
}
