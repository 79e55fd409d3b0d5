package answer

import (
	"slices"
	"strings"
	"testing"

	"github.com/miekg/dns"
)

// An answer whose CNAMEs point to a name gets the answer for that name, in place of what it had
// there (RFC 6604). Addresses that it has already stay.
func TestReplaceFrom(t *testing.T) {
	parse := func(records ...string) (rrs []dns.RR) {
		for _, s := range records {
			rr, err := dns.NewRR(s)
			if err != nil {
				t.Fatal(err)
			}
			rrs = append(rrs, rr)
		}
		return rrs
	}
	texts := func(rrs []dns.RR) string {
		var all []string
		for _, rr := range rrs {
			all = append(all, strings.Join(strings.Fields(rr.String()), " "))
		}
		return strings.Join(all, ", ")
	}
	chain := []string{"www.example.org. 60 IN CNAME mid.example.org.", "mid.example.org. 60 IN CNAME app.example.org."}
	soa := "example.org. 60 IN SOA ns.example.org. hostmaster.example.org. 1 2 3 4 5"
	tests := map[string]struct {
		qtype uint16
		m     []string // the records of the answer
		last  *dns.Msg // the answer for app.example.org
		want  string   // the records after the CNAMEs
		ns    string
		rcode int
	}{
		"records": {dns.TypeTXT, append(slices.Clone(chain), `app.example.org. 60 IN TXT "old"`),
			&dns.Msg{Answer: parse(`app.example.org. 60 IN TXT "new"`)}, `app.example.org. 7 IN TXT "new"`, "", 0},
		"NXDOMAIN with its SOA": {dns.TypeTXT, chain, &dns.Msg{MsgHdr: dns.MsgHdr{Rcode: dns.RcodeNameError}, Ns: parse(soa)},
			"", strings.Replace(soa, " 60 ", " 7 ", 1), dns.RcodeNameError},
		"SERVFAIL without addresses": {dns.TypeA, chain, &dns.Msg{MsgHdr: dns.MsgHdr{Rcode: dns.RcodeServerFailure}},
			"", "", dns.RcodeServerFailure},
		"addresses stay": {dns.TypeA, append(slices.Clone(chain), "app.example.org. 60 IN A 192.0.2.1"),
			&dns.Msg{Answer: parse("app.example.org. 60 IN A 192.0.2.2")}, "app.example.org. 7 IN A 192.0.2.1", "", 0},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			r := new(dns.Msg).SetQuestion("www.example.org.", tc.qtype)
			m := new(dns.Msg).SetReply(r)
			m.Answer, m.AuthenticatedData = parse(tc.m...), true
			before := texts(m.Answer)
			got := ReplaceFrom(m, "app.example.org.", tc.last, r, 7)
			want := strings.ReplaceAll(strings.Join(chain, ", "), " 60 ", " 7 ")
			if tc.want != "" {
				want += ", " + tc.want
			}
			if s := texts(got.Answer); s != want || texts(got.Ns) != tc.ns || got.Rcode != tc.rcode {
				t.Errorf("got rcode %d, answer %s, authority %s; want %d, %s, %s", got.Rcode, s, texts(got.Ns), tc.rcode, want, tc.ns)
			}
			if got.AuthenticatedData {
				t.Error("AD is set")
			}
			if texts(m.Answer) != before {
				t.Errorf("the original was changed to %s", texts(m.Answer))
			}
		})
	}
}
