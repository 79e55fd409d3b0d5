package test

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/miekg/dns"
)

// In front of a signed zone, a complete RRset keeps its signatures for clients that set DO.
// An RRset from which addresses were removed has none.
func TestNextSigned(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("ldns-signzone"); err != nil {
		t.Skipf("ldns-signzone is not installed: %v", err)
	}
	s := prepareNext(t)
	key := s.newKey("example.org.")
	s.write("zone", "$ORIGIN example.org.\n"+zoneFile+"app A $a\napp A $b\nwww CNAME app\n*.wild A $a\n")
	sign := exec.CommandContext(t.Context(), "ldns-signzone", "-o", "example.org", "-f", "zone.signed", "zone", s.vars["key"])
	sign.Dir = s.vars["dir"]
	if out, err := sign.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	corefile := strings.NewReplacer("NEXT", "file zone.signed",
		"failover app.example.org {", "failover {\nrecord app www *.wild {",
		"damping off", "damping off\nhost app.example.org",
		fast+"\n\t\t\t}", fast+"\n\t\t\t}\n}").Replace(nextCorefile)
	s.serve(corefile)
	// asked returns the answer that a client gets, and its number of signatures.
	asked := func(name, qtype string, do bool) (string, int) {
		m := question(name, qtype)
		if do {
			m.SetEdns0(4096, true)
		}
		r := s.exchange(&dns.Client{UDPSize: 4096}, m, s.addr("dns"))
		n := s.noStale(key, name+" "+qtype, r.Answer) + s.noStale(key, name+" "+qtype, r.Ns)
		r.Ns = nil
		return strings.ReplaceAll(short(r), " RRSIG", ""), n
	}
	tests := []struct {
		name, qtype, well, sick string
		signatures              [2]int // while all targets are healthy, and while one fails
	}{
		{"app", "A", "A $a A $b", "A $b", [2]int{1, 0}},
		{"www", "A", "CNAME app.example.org. A $a A $b", "CNAME app.example.org. A $b", [2]int{2, 0}},
		{"x.wild", "A", "A $a", "A $c", [2]int{1, 0}},
		{"app", "AAAA", "NODATA", "NODATA", [2]int{2, 2}}, // SOA and NSEC
	}
	for state, first := range []string{s.a.ip, s.b.ip} {
		if state == 1 {
			s.a.sick()
		}
		becomes(t, "app", first, func() string {
			s.ask("x.wild.example.org", "A") // failover learns the name
			said, _, _ := strings.Cut(strings.TrimPrefix(s.ask("app.example.org", "A"), "A "), " ")
			return said
		})
		for _, test := range tests {
			want := s.vars.expand(t, []string{test.well, test.sick}[state])
			name := test.name + ".example.org"
			for do, signatures := range map[bool]int{false: 0, true: test.signatures[state]} {
				becomes(t, name, want, func() string { got, _ := asked(name, test.qtype, do); return got })
				if _, n := asked(name, test.qtype, do); n != signatures {
					t.Errorf("%s %s, DO %v, state %d: %d signatures, want %d", name, test.qtype, do, state, n, signatures)
				}
			}
		}
	}
}
