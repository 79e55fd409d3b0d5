package answer

import (
	"fmt"
	"testing"

	"github.com/miekg/dns"
)

// Answers from replies of the next plugins have DNSSEC records only with DO, and TTLs up
// to a limit. The records of the replies are shared, and stay as they were.
func TestFromNext(t *testing.T) {
	const sig = "app.example.org. 300 IN RRSIG A 13 3 300 20300101000000 20200101000000 7 example.org. c2ln"
	addrs := NextAddresses{Addrs: rrs(t, "app.example.org. 300 IN A 192.0.2.1"), Sigs: rrs(t, sig)}
	aging := addrs
	aging.Aging, aging.Left = true, 7
	negative := new(dns.Msg)
	negative.Rcode = dns.RcodeNameError
	negative.Answer = rrs(t, "app.example.org. 300 IN CNAME none.example.org.", sig)
	negative.Ns = rrs(t, soaOfNext, "a.example.org. 300 IN NSEC b.example.org. A")
	before := fmt.Sprint(addrs, negative)
	tests := map[string]struct {
		reply     func(*dns.Msg) *dns.Msg
		plain, do string
		ttl       uint32
	}{
		"addresses": {func(r *dns.Msg) *dns.Msg { return FromNext(r, addrs) },
			"NOERROR app.example.org. A /", "NOERROR app.example.org. A, app.example.org. RRSIG /", 300},
		"aging addresses": {func(r *dns.Msg) *dns.Msg { return FromNext(r, aging) },
			"NOERROR app.example.org. A /", "NOERROR app.example.org. A, app.example.org. RRSIG /", 7},
		"a denial": {func(r *dns.Msg) *dns.Msg { return NegativeFromNext(r, negative, 9) },
			"NXDOMAIN app.example.org. CNAME / example.org. SOA",
			"NXDOMAIN app.example.org. CNAME, app.example.org. RRSIG / example.org. SOA, a.example.org. NSEC", 9},
	}
	for name, tc := range tests {
		for want, do := range map[string]bool{tc.plain: false, tc.do: true} {
			m := tc.reply(new(dns.Msg).SetQuestion("app.example.org.", dns.TypeA).SetEdns0(1232, do))
			if got := line(m); got != want || m.Answer[0].Header().Ttl != tc.ttl {
				t.Errorf("%s, DO %t: got %q with TTL %d, want %q with %d", name, do, got, m.Answer[0].Header().Ttl, want, tc.ttl)
			}
		}
		if m := tc.reply(new(dns.Msg).SetQuestion("app.example.org.", dns.TypeA)); line(m) != tc.plain {
			t.Errorf("%s, without EDNS: got %q, want %q", name, line(m), tc.plain)
		}
	}
	if after := fmt.Sprint(addrs, negative); after != before {
		t.Errorf("what is shared was changed from %s to %s", before, after)
	}
}
