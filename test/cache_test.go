package test

import (
	"testing"

	"github.com/miekg/dns"
)

const cacheCorefile = `
	example.org:$dns {
		bind $ip
		cache 3600 {
			serve_stale
		}
		failover {
			ttl 3600
			check http :$web {
				host app.example.org
				` + fast + `
			}
			record app *.apps {
				primary $a
				secondary $b
			}
			record denied {
				primary $a
				secondary 2001:db8::1 {
					check none
				}
			}
		}
		forward . $upstream
	}`

// A cache in front keeps the answers of the next plugins and none of a record: neither
// its addresses nor NODATA.
func TestCacheInFront(t *testing.T) {
	t.Parallel()
	ts := newTargets(t, 2)
	up := newUpstream(t, func(m *dns.Msg) {
		m.Answer = append(m.Answer, rr(t, m.Question[0].Name+" 3600 IN TXT t"))
	})
	s := start(t, cacheCorefile, vars{"a": ts[0].ip, "b": ts[1].ip, "web": ts[0].port, "upstream": up.addr})
	names := []string{"app.example.org", "x.apps.example.org"}
	ask := func(primary, secondary, denied string) {
		t.Helper()
		for _, name := range names {
			becomes(t, name, primary, func() string { return s.ask(name, "A") })
		}
		becomes(t, "A", denied, func() string { return s.ask("denied.example.org", "A") })
		becomes(t, "AAAA", secondary, func() string { return s.ask("denied.example.org", "AAAA") })
		for _, name := range names {
			m := s.query(name, "A")
			if ttl := m.Answer[0].Header().Ttl; ttl != 3600 {
				t.Errorf("%s has a TTL of %d", name, ttl)
			}
		}
	}
	s.waitFor("unknown -> up")
	ask("A "+ts[0].ip, "NODATA SOA", "A "+ts[0].ip)
	ts[0].sick()
	ask("A "+ts[1].ip, "AAAA 2001:db8::1", "NODATA SOA")
	ts[0].well()
	ask("A "+ts[0].ip, "NODATA SOA", "A "+ts[0].ip)

	// The cache works; otherwise this test would prove nothing.
	s.ask("other.example.org", "TXT")
	before := up.hits.Load()
	for range 10 {
		if got := s.ask("other.example.org", "TXT"); got != `TXT "t"` {
			t.Fatalf("got %s", got)
		}
	}
	if n := up.hits.Load(); n != before {
		t.Errorf("the cache has let %d queries through", n-before)
	}
}

// The answers that failover keeps in place of a cache are kept only where a cache would
// keep them: in a block with cache, and for the zones that this handles.
func TestKeptLikeCache(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		cache string
		kept  bool
	}{
		{"", false},
		{"cache 3600 example.net", false},
		{"cache 3600 example.net app.example.org", true},
		{"cache", true},
	} {
		t.Run(tc.cache, func(t *testing.T) {
			t.Parallel()
			up := newAuthor(t, "app.example.org 3600 TXT t", "_acme-challenge.app.example.org 3600 TXT t")
			s := start(t, `
			.:$dns {
				bind $ip
				`+tc.cache+`
				failover app.example.org {
					check none
					primary 127.0.0.1
				}
				forward . $upstream
			}`, vars{"upstream": up.addr})
			for _, name := range []string{"app.example.org", "_acme-challenge.app.example.org"} {
				if got := s.ask(name, "TXT"); got != `TXT "t"` {
					t.Errorf("%s: got %s", name, got)
				}
			}
			up.write("app.example.org 3600 TXT u", "_acme-challenge.app.example.org 3600 TXT u")
			for _, name := range []string{"app.example.org", "_acme-challenge.app.example.org"} {
				want := map[bool]string{true: `TXT "t"`, false: `TXT "u"`}[tc.kept]
				if got := s.ask(name, "TXT"); got != want {
					t.Errorf("%s: got %s, want %s", name, got, want)
				}
			}
		})
	}
}
