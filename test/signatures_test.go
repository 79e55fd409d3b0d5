package test

import (
	"testing"

	"github.com/miekg/dns"
)

// dnssec signs each RRset once, however many queries there are, and signs nothing again when
// answers go back to a pool.
func TestSignaturesPerTransition(t *testing.T) {
	t.Parallel()
	ts := newTargets(t, 2)
	s := story{prepare(t, vars{"a": ts[0].ip, "b": ts[1].ip, "web": ts[0].port}), ts[0], ts[1]}
	s.newKey("example.org.")
	s.serve(`
	example.org:$dns {
		bind $ip
		prometheus $ip:$metrics
		dnssec {
			key file $key
		}
		failover app.example.org {
			primary $a
			secondary $b
			check http :$web {
				` + fast + `
			}
		}
	}`)
	made := func() string {
		n := "0"
		for _, series := range s.scrape().with("coredns_dnssec_cache_misses_total") {
			n = s.scrape()[series]
		}
		return n
	}
	// 100 queries with DO, in any case.
	ask := func() {
		t.Helper()
		for i := range 100 {
			m := question([]string{"app.example.org", "APP.eXample.org"}[i%2], "A")
			m.SetEdns0(1232, true)
			if got := s.exchange(new(dns.Client), m, s.addr("dns")); len(got.Answer) != 2 {
				t.Fatalf("got %s", short(got))
			}
		}
	}
	for i, want := range []string{"1", "2", "2", "2"} {
		pool := []*target{s.primary, s.secondary}[i%2]
		if i%2 == 0 {
			s.primary.well()
		} else {
			s.primary.sick()
		}
		s.answersFrom(pool)
		ask()
		if got := made(); got != want {
			t.Errorf("%s signatures after %d changes and %d queries, want %s", got, i, 100*(i+1), want)
		}
	}
}
