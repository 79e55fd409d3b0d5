package answer

import (
	"strings"
	"testing"

	"github.com/miekg/dns"
)

// ANY is answered with the CNAMEs and the addresses of both families, each once.
func TestAny(t *testing.T) {
	const cname, v4, v6 = "app.example.org. 5 IN CNAME www.example.net.", "www.example.net. 5 IN A 192.0.2.1", "www.example.net. 5 IN AAAA 2001:db8::1"
	reply := func(rcode int, records ...string) *dns.Msg {
		m := new(dns.Msg).SetQuestion("app.example.org.", dns.TypeA)
		m.Rcode = rcode
		for _, s := range records {
			rr, err := dns.NewRR(s)
			if err != nil {
				t.Fatal(err)
			}
			m.Answer = append(m.Answer, rr)
		}
		m.Ns = []dns.RR{&dns.SOA{Hdr: dns.RR_Header{Name: "example.org.", Rrtype: dns.TypeSOA, Class: dns.ClassINET}}}
		return m
	}
	tests := map[string]struct {
		v4, v6 *dns.Msg
		want   string // the data of the answer
		rcode  int
		ns     int
	}{
		"both families":        {reply(0, cname, v4), reply(0, cname, v6), "www.example.net. 192.0.2.1 2001:db8::1", 0, 0},
		"IPv4 alone":           {reply(0, v4), reply(0), "192.0.2.1", 0, 0},
		"IPv6 alone":           {reply(0), reply(0, v6), "2001:db8::1", 0, 0},
		"IPv6 without IPv4":    {nil, reply(0, v6), "2001:db8::1", 0, 0},
		"one that has failed":  {reply(0, v4), reply(dns.RcodeServerFailure), "192.0.2.1", 0, 0},
		"no address":           {reply(0), reply(0), "", 0, 1},
		"none and no such one": {reply(dns.RcodeNameError), nil, "", dns.RcodeNameError, 1},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			r := new(dns.Msg).SetQuestion("app.example.org.", dns.TypeANY)
			m := Any(r, tc.v4, tc.v6)
			var got []string
			for _, rr := range m.Answer {
				got = append(got, dns.Field(rr, 1))
			}
			if s := strings.Join(got, " "); s != tc.want || m.Rcode != tc.rcode || len(m.Ns) != tc.ns {
				t.Errorf("got %q, rcode %d and %d records in the authority section, want %q, %d and %d", s, m.Rcode, len(m.Ns), tc.want, tc.rcode, tc.ns)
			}
			if m.Id != r.Id || m.Question[0].Qtype != dns.TypeANY {
				t.Errorf("it is not a reply to the query: %s", m)
			}
		})
	}
	if m := Any(new(dns.Msg).SetQuestion("app.example.org.", dns.TypeANY), nil, nil); m != nil {
		t.Errorf("without answers: got %s", m)
	}
}
