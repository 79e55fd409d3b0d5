package answer

import (
	"strings"
	"testing"

	"github.com/miekg/dns"
)

func TestHints(t *testing.T) {
	const sig = " 300 RRSIG HTTPS 13 3 300 20300101000000 20200101000000 7 example.org. c2lnbmF0dXJl"
	type lines = []string
	tests := []struct {
		name     string
		in, want lines // want is nil if the reply stays as it is
	}{
		{"the owner", lines{"app 300 HTTPS 1 . alpn=h2 ipv4hint=203.0.113.1 ipv6hint=2001:db8::bad"},
			lines{"app 5 HTTPS 1 . alpn=h2 ipv4hint=192.0.2.1,192.0.2.2 ipv6hint=2001:db8::1"}},
		{"another name", lines{"www 300 HTTPS 1 app alpn=h2 ipv4hint=203.0.113.1"},
			lines{"www 5 HTTPS 1 app alpn=h2 ipv4hint=192.0.2.1,192.0.2.2 ipv6hint=2001:db8::1"}},
		{"SVCB", lines{"_dns.www 300 SVCB 1 app alpn=dot"},
			lines{"_dns.www 5 SVCB 1 app alpn=dot ipv4hint=192.0.2.1,192.0.2.2 ipv6hint=2001:db8::1"}},
		{"SVCB of the owner", lines{"four 300 SVCB 7 . port=8443"},
			lines{"four 60 SVCB 7 . port=8443 ipv4hint=192.0.2.4"}},
		{"no parameters", lines{"www 300 HTTPS 1 six"},
			lines{"www 60 HTTPS 1 six ipv6hint=2001:db8::6"}},
		{"other letters", lines{"www 300 HTTPS 1 ApP.Example.ORG. alpn=h2"},
			lines{"www 5 HTTPS 1 ApP.Example.ORG. alpn=h2 ipv4hint=192.0.2.1,192.0.2.2 ipv6hint=2001:db8::1"}},
		{"all other parameters, in the order of keys",
			lines{"four 300 HTTPS 1 . key65400=x dohpath=/q{?dns} ipv6hint=2001:db8::bad ech=AAAA port=8443 no-default-alpn alpn=h2,h3 mandatory=alpn"},
			lines{"four 60 HTTPS 1 . mandatory=alpn alpn=h2,h3 no-default-alpn= port=8443 ipv4hint=192.0.2.4 ech=AAAA dohpath=/q{?dns} key65400=x"}},
		{"a shorter TTL", lines{"four 7 HTTPS 1 ."}, lines{"four 7 HTTPS 1 . ipv4hint=192.0.2.4"}},

		{"mandatory hints", lines{"app 300 HTTPS 1 . mandatory=ipv4hint,ipv6hint ipv4hint=203.0.113.1 ipv6hint=2001:db8::bad"},
			lines{"app 5 HTTPS 1 . mandatory=ipv4hint,ipv6hint ipv4hint=192.0.2.1,192.0.2.2 ipv6hint=2001:db8::1"}},
		{"one mandatory hint goes", lines{"four 300 HTTPS 1 . mandatory=alpn,ipv4hint,ipv6hint alpn=h2 ipv4hint=203.0.113.1 ipv6hint=2001:db8::bad"},
			lines{"four 60 HTTPS 1 . mandatory=alpn,ipv4hint alpn=h2 ipv4hint=192.0.2.4"}},
		{"the only mandatory key goes", lines{"six 300 HTTPS 1 . mandatory=ipv4hint ipv4hint=203.0.113.1"},
			lines{"six 60 HTTPS 1 . ipv6hint=2001:db8::6"}},
		{"both hints go", lines{"none 300 HTTPS 1 . mandatory=ipv4hint,ipv6hint,port port=1 ipv4hint=203.0.113.1 ipv6hint=2001:db8::bad"},
			lines{"none 60 HTTPS 1 . mandatory=port port=1"}},
		{"no address of IPv6 that is one of IPv4", lines{"mapped 300 HTTPS 1 ."},
			lines{"mapped 60 HTTPS 1 . ipv4hint=192.0.2.4"}},

		{"ech is removed", lines{"gone 300 HTTPS 1 . mandatory=ech alpn=h2 ech=AAAA"}, lines{"gone 60 HTTPS 1 . alpn=h2"}},
		{"no-default-alpn goes with alpn", lines{"www 300 SVCB 1 no-alpn mandatory=alpn,port alpn=h2 no-default-alpn port=1 ech=AAAA"},
			lines{"www 60 SVCB 1 no-alpn mandatory=port port=8443 ech=AAAA"}},
		{"others are put in their places", lines{"www 300 HTTPS 1 other port=1"},
			lines{"www 60 HTTPS 1 other mandatory=alpn,ech alpn=h3 port=1 ech=BBBB"}},
		{"others in AliasMode", lines{"www 300 HTTPS 0 other"}, nil},
		{"signatures over replaced parameters", lines{"gone 300 HTTPS 1 . ech=AAAA", "gone" + sig}, lines{"gone 60 HTTPS 1 ."}},

		{"AliasMode", lines{"www 300 HTTPS 0 app"}, nil},
		{"AliasMode of the owner", lines{"app 300 HTTPS 0 ."}, nil},
		{"AliasMode with parameters", lines{"www 300 HTTPS 0 app ipv4hint=203.0.113.1"}, nil},
		{"no record's name", lines{"www 300 HTTPS 1 . ipv4hint=203.0.113.1"}, nil},
		{"owned by a record, leads elsewhere", lines{"app 300 HTTPS 1 www ipv4hint=203.0.113.1"}, nil},
		{"a name below a wildcard", lines{"www 300 HTTPS 1 X.apps"}, lines{"www 60 HTTPS 1 X.apps ipv4hint=192.0.2.9"}},

		{"several", lines{"www 300 HTTPS 1 app port=1", "www 300 HTTPS 2 four port=2", "www 300 HTTPS 3 cdn port=3", "www 300 HTTPS 0 app"},
			lines{"www 5 HTTPS 1 app port=1 ipv4hint=192.0.2.1,192.0.2.2 ipv6hint=2001:db8::1", "www 5 HTTPS 2 four port=2 ipv4hint=192.0.2.4",
				"www 5 HTTPS 3 cdn port=3", "www 5 HTTPS 0 app"}},
		{"after a CNAME", lines{"www 300 CNAME app", "app 300 HTTPS 1 . alpn=h2"},
			lines{"www 5 CNAME app", "app 5 HTTPS 1 . alpn=h2 ipv4hint=192.0.2.1,192.0.2.2 ipv6hint=2001:db8::1"}},
		{"signatures over the set", lines{"four 300 HTTPS 1 .", "FOUR" + sig, "four 300 TXT t", "four" + strings.Replace(sig, "HTTPS", "TXT", 1), "www" + sig},
			lines{"four 60 HTTPS 1 . ipv4hint=192.0.2.4", "four 60 TXT t",
				"four 60 RRSIG TXT 13 3 300 20300101000000 20200101000000 7 example.org. c2lnbmF0dXJl",
				"www 60 RRSIG HTTPS 13 3 300 20300101000000 20200101000000 7 example.org. c2lnbmF0dXJl"}},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			checkRefresh(t, replyOf(t, tc.in, nil, nil), tc.want, nil, nil)
		})
	}
}

// An edited answer has not been validated, whatever a resolver said of the original.
func TestHintsAreNotAuthenticated(t *testing.T) {
	for text, want := range map[string]bool{"app 300 HTTPS 1 .": false, "www 300 MX 1 app": true} {
		m := replyOf(t, []string{text}, nil, nil)
		m.AuthenticatedData = true
		if got := Refresh(m, managed(t)).AuthenticatedData; got != want {
			t.Errorf("%s: AD is %t", text, got)
		}
	}
}

// A copy shares the parameters that stay.
func TestHintsShareParameters(t *testing.T) {
	m := replyOf(t, []string{"four 300 HTTPS 1 . alpn=h2 ipv4hint=203.0.113.1"}, nil, nil)
	before, after := m.Answer[0].(*dns.HTTPS).Value, Refresh(m, managed(t)).Answer[0].(*dns.HTTPS).Value
	if before[0] != after[0] || before[1] == after[1] {
		t.Errorf("%v has become %v", before, after)
	}
}

// BenchmarkRefreshHTTPS compares a reply that gets hints with one that stays as it is:
// hints cost a microsecond at most.
func BenchmarkRefreshHTTPS(b *testing.B) {
	a, _ := managed(b).Addresses("app.example.org.")
	known := func(name string) (Addresses, bool) { return a, name == "app.example.org." }
	for name, owner := range map[string]string{"edited": "app", "passed": "www"} {
		m := replyOf(b, []string{owner + " 300 HTTPS 1 . alpn=h2,h3 ipv4hint=203.0.113.1 ipv6hint=2001:db8::bad"},
			[]string{"example.org. 3600 NS ns"}, []string{"ns 3600 A 127.0.0.53"})
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Refresh(m, managedFunc(known))
			}
		})
	}
}
