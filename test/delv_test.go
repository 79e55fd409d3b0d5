package test

import (
	"fmt"
	"os/exec"
	"strings"
	"testing"

	"github.com/miekg/dns"
)

// delv fully validates each answer, denials included.
func TestDelv(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("delv"); err != nil {
		t.Skipf("delv is not installed: %v", err)
	}
	s, key := startSigned(t, "")
	anchor := s.anchor(key)
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

// anchor writes the file that makes delv trust a key, and returns its name.
func (s *server) anchor(key *dns.DNSKEY) string {
	s.Helper()
	return s.write("anchor."+key.Hdr.Name, fmt.Sprintf("trust-anchors { %s static-key %d %d %d %q; };\n",
		key.Hdr.Name, key.Flags, key.Protocol, key.Algorithm, key.PublicKey))
}

func delv(t *testing.T, args ...string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "delv", args...).CombinedOutput()
	if err != nil {
		t.Errorf("delv %s: %v", strings.Join(args, " "), err)
	}
	return string(out)
}

// delvAgrees checks that delv validates some of the answers that the resolver gets.
func delvAgrees(s statesStory, chain int, st state, key *dns.DNSKEY) {
	s.Helper()
	if _, err := exec.LookPath("delv"); err != nil {
		s.Skipf("delv is not installed: %v", err)
	}
	zone := signedZone(chain)
	queries := signedChains[chain].queries(s, zone, st)
	for _, query := range []string{"app.ZONE A", "x.apps.ZONE AAAA", "gone.ZONE A", "passed.ZONE A", "app.ZONE TXT", "app.ZONE MX",
		"x.apps.ZONE MX", "apps.ZONE A", "none.ZONE A", "four.ZONE AAAA", "www.ZONE A", "chain.ZONE A", "host.ZONE A", "alias.ZONE A", "alias.ZONE TXT"} {
		query = strings.ReplaceAll(query, "ZONE", zone)
		want, ok := queries[query]
		if !ok {
			continue
		}
		name, qtype, _ := strings.Cut(query, " ")
		said := delv(s.T, "@"+s.vars["ip"], "-p", s.vars["dns"], "-a", s.anchor(key), "+root="+zone, name, qtype)
		verdict := "; fully validated"
		if want == "NODATA" {
			verdict = "; negative response, fully validated"
		}
		for _, word := range strings.Fields(want) {
			if word != "NODATA" && !strings.Contains(strings.ReplaceAll(said, `"`, ""), word) || !strings.Contains(said, verdict) {
				s.Errorf("%s: delv says\n%s\nwant %s%s", query, indent(said), want, verdict)
				break
			}
		}
	}
}
