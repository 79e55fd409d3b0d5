package test

import (
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"
)

const presignedCorefile = `
	zone.test:$dns {
		bind $ip
		prometheus $ip:$metrics
		RECORDS
		file zone.signed
	}`

// otherNames are queries for names of the zone that are not records, and their answers.
var otherNames = map[string]string{
	"other.zone.test TXT": "TXT o",
	"other.zone.test A":   "NODATA",
	"none.zone.test A":    "NXDOMAIN",
	"zone.test NS":        "NS ns.zone.test.",
}

// In front of a pre-signed zone, no answer has a signature over other data, and answers
// for names that are not records are unchanged.
func TestPresignedZone(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("ldns-signzone"); err != nil {
		t.Skipf("ldns-signzone is not installed: %v", err)
	}
	s := prepareStates(t)
	key := s.newKey("zone.test.")
	s.write("zone", "$ORIGIN zone.test.\n"+stateZoneFile)
	sign := exec.CommandContext(t.Context(), "ldns-signzone", "-o", "zone.test", "-f", "zone.signed", "zone", s.vars["key"])
	sign.Dir = s.vars["dir"]
	if out, err := sign.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	s.serve(strings.Replace(presignedCorefile, "RECORDS", s.records("zone.test."), 1))
	r := newResolver(s.server, map[string]*dns.DNSKEY{"zone.test.": key})
	signatures := 0
	for i, st := range states[:3] {
		s.enters(st, 1, recordsOfStates)
		t.Run(fmt.Sprintf("%d %s", i, st.name), func(t *testing.T) {
			s := s.server.in(t)
			for query := range stateQueries {
				name, qtype, _ := strings.Cut(strings.ReplaceAll(query, "ZONE", "zone.test."), " ")
				m := question(name, qtype)
				m.SetEdns0(4096, true)
				reply := s.exchange(&dns.Client{UDPSize: 4096}, m, s.addr("dns"))
				for _, section := range [][]dns.RR{reply.Answer, reply.Ns, reply.Extra} {
					signatures += s.noStale(key, query, section)
				}
			}
			for query, want := range otherNames {
				name, qtype, _ := strings.Cut(query, " ")
				if got := r.validated(s, name, qtype); got != want {
					t.Errorf("%s: got %s, want %s", query, got, want)
				}
			}
		})
	}
	if signatures < 50 {
		t.Errorf("the answers had only %d signatures", signatures)
	}
}

// noStale checks the signatures of a section, and returns how many there are.
func (s *server) noStale(key *dns.DNSKEY, where string, rrs []dns.RR) (n int) {
	s.Helper()
	for _, rr := range rrs {
		sig, ok := rr.(*dns.RRSIG)
		if !ok {
			continue
		}
		n++
		var set []dns.RR
		for _, rr := range rrs {
			if h := rr.Header(); h.Rrtype == sig.TypeCovered && strings.EqualFold(h.Name, sig.Hdr.Name) {
				set = append(set, rr)
			}
		}
		if len(set) == 0 {
			s.Errorf("%s: a signature without its RRset: %s", where, sig)
		} else if err := sig.Verify(key, set); err != nil || !sig.ValidityPeriod(time.Now()) {
			s.Errorf("%s: %v: %s over %s", where, err, sig, set)
		}
	}
	return n
}
