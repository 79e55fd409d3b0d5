package answer

import (
	"testing"

	"github.com/miekg/dns"
)

func TestAdditional(t *testing.T) {
	const sig = " 13 3 300 20300101000000 20200101000000 7 example.org. c2lnbmF0dXJl"
	type lines = []string
	app := func(ttl string) lines {
		return lines{"app " + ttl + " A 192.0.2.1", "app " + ttl + " A 192.0.2.2", "app " + ttl + " AAAA 2001:db8::1"}
	}
	four, six := "four 60 A 192.0.2.4", "six 60 AAAA 2001:db8::6"
	tests := []struct {
		name                    string
		answer, extra           lines
		wantAnswer, wantedExtra lines // nil if the reply stays as it is
	}{
		{"SRV", lines{"_x._tcp 300 SRV 1 2 80 app"}, nil, lines{"_x._tcp 5 SRV 1 2 80 app"}, app("5")},
		{"MX", lines{"www 300 MX 10 app"}, nil, lines{"www 5 MX 10 app"}, app("5")},
		{"NS", lines{"sub 300 NS app"}, nil, lines{"sub 5 NS app"}, app("5")},
		{"other letters", lines{"www 300 MX 10 Four.example.ORG."}, lines{"FOUR 300 A 203.0.113.1"},
			lines{"www 60 MX 10 Four.example.ORG."}, lines{four}},
		{"in place of others, whatever their family", lines{"www 300 MX 10 six"}, lines{"six 300 A 203.0.113.1", "six 300 AAAA 2001:db8::bad"},
			lines{"www 60 MX 10 six"}, lines{six}},
		{"no addresses", lines{"www 300 MX 10 none"}, lines{"none 300 A 203.0.113.1"}, lines{"www 60 MX 10 none"}, nil},
		{"several, each once and in order", lines{"www 300 MX 10 six", "www 300 MX 20 four", "www 300 MX 30 SIX", "www 300 MX 40 cdn"},
			lines{"cdn 300 A 203.0.113.1", "four 300 A 203.0.113.1", "cdn 300 AAAA 2001:db8::bad"},
			lines{"www 60 MX 10 six", "www 60 MX 20 four", "www 60 MX 30 SIX", "www 60 MX 40 cdn"},
			lines{six, four, "cdn 60 A 203.0.113.1", "cdn 60 AAAA 2001:db8::bad"}},
		{"the least of the TTLs", lines{"www 300 MX 10 four", "www 3 MX 20 app"}, nil, lines{"www 5 MX 10 four", "www 3 MX 20 app"},
			append(lines{"four 5 A 192.0.2.4"}, app("5")...)},
		{"signatures over addresses", lines{"www 300 MX 10 four", "www 300 RRSIG MX" + sig},
			lines{"four 300 A 203.0.113.1", "four 300 RRSIG A" + sig, "four 300 RRSIG AAAA" + sig, "cdn 300 RRSIG A" + sig, "four 300 RRSIG TXT" + sig},
			lines{"www 60 MX 10 four", "www 60 RRSIG MX" + sig}, lines{four, "cdn 60 RRSIG A" + sig, "four 60 RRSIG TXT" + sig}},
		{"other types stay", lines{"www 300 MX 10 four"}, lines{"four 300 TXT t"}, lines{"www 60 MX 10 four"}, lines{four, "four 60 TXT t"}},
		{"hints, where there are addresses too", lines{"four 300 HTTPS 1 ."}, lines{"four 300 A 203.0.113.1", "ns 300 A 203.0.113.2"},
			lines{"four 60 HTTPS 1 . ipv4hint=192.0.2.4"}, lines{four, "ns 60 A 203.0.113.2"}},
		{"AliasMode, where there are addresses too", lines{"www 300 HTTPS 0 four"}, lines{"four 300 A 203.0.113.1"},
			lines{"www 60 HTTPS 0 four"}, lines{four}},
		{"below a wildcard", lines{"www 300 MX 10 X.apps"}, nil, lines{"www 60 MX 10 X.apps"}, lines{"x.apps 60 A 192.0.2.9"}},

		{"no record's name", lines{"www 300 MX 10 cdn"}, lines{"cdn 300 A 203.0.113.1"}, nil, nil},
		{"owned by a record, leads elsewhere", lines{"app 300 MX 10 cdn"}, lines{"cdn 300 A 203.0.113.1"}, nil, nil},
		{"no mail", lines{"www 300 MX 0 ."}, nil, nil, nil},
		{"no service", lines{"_x._tcp 300 SRV 0 0 0 ."}, nil, nil, nil},
		{"another type", lines{"www 300 CNAME app", "www 300 TXT app"}, lines{"app 300 A 203.0.113.1"}, nil, nil},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			checkRefresh(t, replyOf(t, tc.answer, nil, tc.extra), tc.wantAnswer, nil, tc.wantedExtra)
		})
	}
}

func TestAdditionalKeepsAuthority(t *testing.T) {
	ns := []string{"example.org. 3600 IN NS four.example.org.", "example.org. 3600 IN NS ns.example.org."}
	m := replyOf(t, []string{"www 300 MX 10 four"}, ns, nil)
	checkRefresh(t, m, []string{"www 60 MX 10 four"},
		[]string{"example.org. 60 NS four", "example.org. 60 NS ns"}, []string{"four 60 A 192.0.2.4"})
	// A referral stays as it is.
	checkRefresh(t, replyOf(t, nil, ns, []string{"four 300 A 203.0.113.1"}), nil, nil, nil)
}

// An OPT has flags instead of a TTL, and a TSIG is the last record.
func TestAdditionalKeepsPseudoRecords(t *testing.T) {
	m := replyOf(t, []string{"www 300 MX 10 four"}, nil, []string{"cdn 300 A 203.0.113.1"})
	m.SetEdns0(1232, true)
	opt := m.IsEdns0()
	m.Extra = append(m.Extra, &dns.TSIG{Hdr: dns.RR_Header{Name: "key.", Rrtype: dns.TypeTSIG, Class: dns.ClassANY}, Algorithm: dns.HmacSHA256})
	got := Refresh(m, managed(t))
	if got.IsEdns0() != opt || !opt.Do() || got.IsTsig() == nil || len(got.Extra) != 4 {
		t.Errorf("got\n%s", got)
	}
}

// The records that ManagedNames returns are shared: they are not changed.
func TestAdditionalSharesRecords(t *testing.T) {
	four := rrs(t, "four.example.org. 60 IN A 192.0.2.4")
	names := managedFunc(func(name string) (Addresses, bool) {
		if name == "four.example.org." {
			return Addresses{V4: four[:1:1], TTL: 60}, true
		}
		return Addresses{TTL: 5}, name == "five.example.org."
	})
	if got := Refresh(replyOf(t, []string{"www 300 MX 10 four"}, nil, nil), names); got.Extra[0] != four[0] {
		t.Error("the address was copied")
	}
	got := Refresh(replyOf(t, []string{"www 300 MX 10 four", "www 300 MX 10 five"}, nil, nil), names)
	if got.Extra[0].Header().Ttl != 5 || four[0].Header().Ttl != 60 {
		t.Errorf("got %s, and the record's is %s", got.Extra[0], four[0])
	}
}
