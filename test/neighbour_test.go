package test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/miekg/dns"
)

// neighbours are plugins in front that edit some answers on their way out. The other answers
// show whether an edit spreads.
var neighbours = []struct {
	name, plugin string
	// edited is a query whose answer is edited, and looks that answer.
	edited, qtype, looks string
}{
	{"rewrite name and ttl", "rewrite continue {\nttl exact alias.ZONE 222\n}\nrewrite stop {\nname exact alias.ZONE app.ZONE\nanswer auto\n}",
		"alias.ZONE", "A", "alias.ZONE 222 A 192.0.2.1 alias.ZONE 222 A 192.0.2.2"},
	{"rewrite to a wildcard", "rewrite stop {\nname exact alias.ZONE z.apps.ZONE\nanswer auto\n}", "alias.ZONE", "A", "alias.ZONE 7 A 192.0.2.3"},
	{"rewrite ttl", "rewrite ttl exact z.apps.ZONE 111", "z.apps.ZONE", "A", "z.apps.ZONE 111 A 192.0.2.3"},
	{"dns64", "dns64 {\nprefix 64:ff9b::/96\nallow_ipv4\n}", "z.apps.ZONE", "AAAA", "z.apps.ZONE 7 AAAA 64:ff9b::c000:203"},
	{"minimal", "minimal", "none.ZONE", "A", "NXDOMAIN SOA"},
	{"header", "header {\nresponse set ra\nresponse clear aa\n}", "app.ZONE", "AAAA", "app.ZONE 7 AAAA 2001:db8::1"},
	{"loadbalance", "loadbalance", "z.apps.ZONE", "A", "z.apps.ZONE 7 A 192.0.2.3"},
	{"all of them", "loadbalance\nminimal\nheader {\nresponse set ra\n}\ncache 100\ndns64 {\nprefix 64:ff9b::/96\nallow_ipv4\n}\nrewrite ttl exact z.apps.ZONE 111",
		"z.apps.ZONE", "A", "z.apps.ZONE 111 A 192.0.2.3"},
}

// Edits by plugins in front do not show in later answers.
func TestNeighboursInFront(t *testing.T) {
	t.Parallel()
	var corefile strings.Builder
	for i, n := range neighbours {
		fmt.Fprintf(&corefile, "n%d.test:$dns {\nbind $ip\n%s\nfailover {\nttl 7\ncheck none\n"+
			"record app {\nprimary 192.0.2.1 192.0.2.2 2001:db8::1\n}\nrecord *.apps {\nprimary 192.0.2.3\n}\n}\n}\n",
			i, strings.ReplaceAll(n.plugin, "ZONE", fmt.Sprintf("n%d.test", i)))
	}
	s := start(t, corefile.String(), nil)
	for i, n := range neighbours {
		t.Run(n.name, func(t *testing.T) {
			s := s.in(t)
			zone := fmt.Sprintf("n%d.test.", i)
			before := s.everything(zone)
			for range 20 {
				edited := withTTL(s.query(strings.ReplaceAll(n.edited, "ZONE", zone), n.qtype))
				if looks := strings.ReplaceAll(n.looks, "ZONE", zone); !strings.Contains(edited, looks) {
					t.Fatalf("%s %s: got %s, want %s", n.edited, n.qtype, edited, looks)
				}
				if after := s.everything(zone); after != before {
					t.Fatalf("the answers are\n%s\nand were\n%s", after, before)
				}
			}
		})
	}
}

// everything returns all answers of a zone, without the order of addresses and without the
// TTLs that a cache may count down.
func (s *server) everything(zone string) string {
	s.Helper()
	var all strings.Builder
	for _, label := range []string{"app.", "x.apps.", "apps.", "none.", ""} {
		for _, qtype := range []string{"A", "AAAA", "TXT", "NS"} {
			m := s.query(label+zone, qtype)
			slices.SortFunc(m.Answer, func(a, b dns.RR) int { return strings.Compare(a.String(), b.String()) })
			said := withTTL(m)
			if label == "" {
				said = short(m)
			}
			fmt.Fprintf(&all, "%s%s %s: %s\n", label, zone, qtype, said)
		}
	}
	return all.String()
}

// withTTL returns what short does, with owners and TTLs.
func withTTL(m *dns.Msg) string {
	var words []string
	for _, rr := range m.Answer {
		words = append(words, rr.Header().Name, fmt.Sprint(rr.Header().Ttl), strings.Join(data([]dns.RR{rr}), " "))
	}
	return strings.Join(words, " ") + " " + short(m)
}

// loadbalance can shuffle the addresses: each of them comes first in some answer.
func TestLoadbalanceInFront(t *testing.T) {
	t.Parallel()
	s := start(t, `
	example.org:$dns {
		bind $ip
		loadbalance round_robin
		failover app.example.org {
			primary 192.0.2.1 192.0.2.2 192.0.2.3
			check none
		}
	}`, nil)
	first := make(map[string]int)
	for range 60 {
		m := s.query("app.example.org", "A")
		if got := sorted(m); got != "[192.0.2.1 192.0.2.2 192.0.2.3 A A A]" {
			t.Fatalf("got %s", got)
		}
		first[data(m.Answer)[1]]++
	}
	if len(first) != 3 {
		t.Errorf("the addresses that came first: %v", first)
	}
}
