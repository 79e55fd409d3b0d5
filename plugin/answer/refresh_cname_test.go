package answer

import (
	"testing"

	"github.com/miekg/dns"
)

func TestFollowed(t *testing.T) {
	const sig = " 13 3 300 20300101000000 20200101000000 7 example.org. c2lnbmF0dXJl"
	const soa, ns = "example.org. 300 IN SOA ns.example.org. root.example.org. 7 1 2 3 4", "example.org. 300 IN NS ns.example.org."
	type lines = []string
	four := lines{"www 60 CNAME four", "four 60 A 192.0.2.4"}
	tests := []struct {
		name       string
		qtype      uint16
		rcode      int
		answer, ns lines
		want       lines // nil if the reply stays as it is
		wantNs     lines
	}{
		{"old addresses", dns.TypeA, 0, lines{"www 300 CNAME four", "four 300 A 203.0.113.1", "four 300 A 203.0.113.2"}, lines{ns}, four, lines{"example.org. 60 NS ns"}},
		{"none", dns.TypeA, 0, lines{"www 300 CNAME four"}, lines{ns}, four, lines{"example.org. 60 NS ns"}},
		{"other letters", dns.TypeA, 0, lines{"WWW 300 CNAME Four", "fouR 300 A 203.0.113.1"}, nil, lines{"WWW 60 CNAME Four", "four 60 A 192.0.2.4"}, nil},
		{"the other family", dns.TypeAAAA, 0, lines{"www 300 CNAME app"}, nil, lines{"www 5 CNAME app", "app 5 AAAA 2001:db8::1"}, nil},
		{"no address in this family", dns.TypeAAAA, 0, lines{"www 300 CNAME four", "four 300 AAAA 2001:db8::bad"}, lines{ns}, lines{"www 60 CNAME four"}, lines{"example.org. 60 NS ns"}},
		{"NODATA", dns.TypeA, 0, lines{"www 300 CNAME four"}, lines{soa}, four, nil},
		{"NXDOMAIN", dns.TypeA, dns.RcodeNameError, lines{"www 300 CNAME four"}, lines{soa}, four, nil},
		{"NXDOMAIN, and no addresses", dns.TypeA, dns.RcodeNameError, lines{"www 300 CNAME none"}, lines{soa}, lines{"www 60 CNAME none"},
			lines{"example.org. 60 SOA ns root 7 1 2 3 4"}},
		{"several CNAMEs", dns.TypeA, 0, lines{"a 300 CNAME b", "www 300 CNAME a", "b 300 CNAME four", "four 300 A 203.0.113.1"}, nil,
			lines{"a 60 CNAME b", "www 60 CNAME a", "b 60 CNAME four", "four 60 A 192.0.2.4"}, nil},
		{"beyond the record's name", dns.TypeA, 0, lines{"www 300 CNAME four", "four 300 CNAME cdn", "cdn 300 A 203.0.113.1"}, nil, four, nil},
		{"a DNAME", dns.TypeA, 0, lines{"example.org. 300 DNAME example.net.", "www 300 CNAME four", "four 300 A 203.0.113.1"}, nil,
			append(lines{"example.org. 60 DNAME example.net."}, four...), nil},
		{"signatures", dns.TypeA, 0, lines{"www 300 CNAME four", "www 300 RRSIG CNAME" + sig, "four 300 A 203.0.113.1", "four 300 RRSIG A" + sig}, nil,
			lines{"www 60 CNAME four", "www 60 RRSIG CNAME" + sig, "four 60 A 192.0.2.4"}, nil},

		{"current addresses", dns.TypeA, 0, lines{"www 300 CNAME four", "four 60 A 192.0.2.4"}, nil, nil, nil},
		{"no record's name", dns.TypeA, 0, lines{"www 300 CNAME cdn", "cdn 300 A 203.0.113.1"}, nil, nil, nil},
		{"a loop", dns.TypeA, 0, lines{"www 300 CNAME a", "a 300 CNAME www"}, nil, nil, nil},
		{"no CNAME", dns.TypeA, 0, lines{"www 300 A 203.0.113.1", "four 300 A 203.0.113.1"}, nil, nil, nil},
		{"a CNAME of another name", dns.TypeA, 0, lines{"a 300 CNAME four", "www 300 A 203.0.113.1"}, nil, nil, nil},
		{"another type", dns.TypeTXT, 0, lines{"www 300 CNAME four", "four 300 TXT t"}, nil, nil, nil},
		{"nothing", dns.TypeA, 0, nil, lines{soa}, nil, nil},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			m := replyOf(t, tc.answer, tc.ns, nil)
			m.Question[0].Qtype, m.Rcode = tc.qtype, tc.rcode
			checkRefresh(t, m, tc.want, tc.wantNs, nil)
			if got := Refresh(m, managed(t)); tc.want != nil && got.Rcode != dns.RcodeSuccess {
				t.Errorf("got rcode %d", got.Rcode)
			}
		})
	}
}

// BenchmarkRefreshCNAME measures replies that lead to no record: a CNAME and an
// address.
func BenchmarkRefreshCNAME(b *testing.B) {
	known := func(string) (Addresses, bool) { return Addresses{}, false }
	for name, lines := range map[string][]string{"CNAME": {"www 300 CNAME cdn", "cdn 300 A 203.0.113.1"}, "address": {"www 300 A 203.0.113.1"}} {
		m := replyOf(b, lines, nil, nil)
		m.Question[0].Qtype = dns.TypeA
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Refresh(m, managedFunc(known))
			}
		})
	}
}
