package answer

import (
	"strings"
	"testing"

	"github.com/coredns/coredns/plugin/test"

	"github.com/miekg/dns"
)

const (
	soaOfNext = "example.org. 3600 IN SOA ns.example.org. root.example.org. 7 1 2 3 4"
	soaOwn    = "example.org. 60 IN SOA ns.dns.example.org. hostmaster.example.org. 1 7200 1800 86400 60"
)

func rrs(t *testing.T, texts ...string) []dns.RR {
	t.Helper()
	var rrs []dns.RR
	for _, text := range texts {
		rr, err := dns.NewRR(text)
		if err != nil {
			t.Fatal(err)
		}
		rrs = append(rrs, rr)
	}
	return rrs
}

// line returns m as "rcode answer / authority", each record as its owner and type.
func line(m *dns.Msg) string {
	section := func(rrs []dns.RR) string {
		var s []string
		for _, rr := range rrs {
			h := rr.Header()
			s = append(s, strings.Join([]string{h.Name, dns.TypeToString[h.Rrtype]}, " "))
		}
		return strings.Join(s, ", ")
	}
	return strings.TrimSpace(dns.RcodeToString[m.Rcode] + " " + section(m.Answer) + " / " + section(m.Ns))
}

func TestGuard(t *testing.T) {
	const name = "app.example.org."
	tests := []struct {
		name          string
		rcode         int
		answer, ns    []string
		record, above string // the reply for a record's name, and for an empty non-terminal
	}{
		{"an answer", 0, []string{name + " 300 IN TXT hi"}, nil,
			"NOERROR app.example.org. TXT /", "same"},
		{"NODATA", 0, nil, []string{soaOfNext},
			"NOERROR  / example.org. SOA", "same"},
		{"NODATA with its proof", 0, nil, []string{soaOfNext, "app.example.org. 60 IN NSEC b.example.org. TXT"},
			"NOERROR  / example.org. SOA, app.example.org. NSEC", "same"},
		{"NODATA without SOA", 0, nil, nil,
			"NOERROR  / example.org. SOA", "same"},
		{"NODATA with two SOAs", 0, nil, []string{soaOfNext, soaOfNext},
			"NOERROR  / example.org. SOA", "same"},
		{"NXDOMAIN", 3, nil, []string{soaOfNext},
			"NOERROR  / example.org. SOA", "same"},
		{"NXDOMAIN without SOA", 3, nil, nil,
			"NOERROR  / example.org. SOA", "same"},
		{"NXDOMAIN with its proof", 3, nil, []string{soaOfNext, "a.example.org. 60 IN NSEC b.example.org. A"},
			"NOERROR  / example.org. SOA", "same"},
		{"CNAME", 0, []string{name + " 300 IN CNAME elsewhere.org."}, nil,
			"NOERROR  / example.org. SOA", "NOERROR app.example.org. CNAME /"},
		{"CNAME in other letters", 0, []string{"App.example.org. 300 IN CNAME elsewhere.org."}, nil,
			"NOERROR  / example.org. SOA", "NOERROR App.example.org. CNAME /"},
		{"CNAME to nowhere", 3, []string{name + " 300 IN CNAME nowhere.example.org."}, []string{soaOfNext},
			"NOERROR  / example.org. SOA", "NXDOMAIN app.example.org. CNAME / example.org. SOA"},
		{"DNAME", 0, []string{name + " 300 IN DNAME elsewhere.org."}, nil,
			"NOERROR  / example.org. SOA", "NOERROR app.example.org. DNAME /"},
		{"referral", 0, nil, []string{name + " 300 IN NS ns.elsewhere.org."},
			"NOERROR  / example.org. SOA", "NOERROR  / app.example.org. NS"},
		{"referral from above", 0, nil, []string{"example.org. 300 IN NS ns.elsewhere.org."},
			"NOERROR  / example.org. NS", "same"},
		{"an answer with its name servers", 0, []string{name + " 300 IN TXT hi"}, []string{name + " 300 IN NS ns.elsewhere.org."},
			"NOERROR app.example.org. TXT / app.example.org. NS", "same"},
		{"SERVFAIL", 2, nil, nil, "SERVFAIL  /", "same"},
		{"REFUSED", 5, nil, nil, "REFUSED  /", "same"},
	}
	for _, tc := range tests {
		for _, record := range []bool{true, false} {
			want := tc.record
			if !record && tc.above != "same" {
				want = tc.above
			}
			r := new(dns.Msg).SetQuestion("aPP.example.org.", dns.TypeTXT)
			m := new(dns.Msg).SetRcode(r, tc.rcode)
			m.Answer, m.Ns = rrs(t, tc.answer...), rrs(t, tc.ns...)
			before := m.String()

			e := &Guard{Req: r, Name: name, Record: record, TTL: 60, SOA: func() dns.RR { return test.SOA(soaOwn) }}
			got := e.Edit(m)
			if line(got) != want {
				t.Errorf("%s, record %v: got %q, want %q", tc.name, record, line(got), want)
			}
			if m.String() != before {
				t.Errorf("%s: the original was changed to %s", tc.name, m)
			}
			if got == m {
				continue
			}
			if q := got.Question[0].Name; q != "aPP.example.org." {
				t.Errorf("%s: the question is echoed as %s", tc.name, q)
			}
			for _, rr := range got.Ns {
				if rr.Header().Ttl > 60 {
					t.Errorf("%s: a TTL above the record's: %s", tc.name, rr)
				}
			}
		}
	}
}

func TestGuardIsAuthoritative(t *testing.T) {
	r := new(dns.Msg).SetQuestion("app.example.org.", dns.TypeTXT)
	m := new(dns.Msg).SetRcode(r, dns.RcodeNameError)
	e := &Guard{Req: r, Name: "app.example.org.", TTL: 60, SOA: func() dns.RR { return test.SOA(soaOwn) }}
	if !e.Edit(m).Authoritative {
		t.Error("AA is not set")
	}
}
