package peers

import (
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
)

// A site is a web server on a loopback address that can be made to fail.
type site struct {
	ip   string
	sick atomic.Bool
}

// sites starts a site on each of the addresses, and returns them and their common
// port.
func sites(t *testing.T, ips ...string) (all []*site, port string) {
	t.Helper()
	port = freePort(t)
	for _, ip := range ips {
		g := &site{ip: ip}
		l, err := net.Listen("tcp", net.JoinHostPort(ip, port))
		if err != nil {
			t.Fatal(err)
		}
		web := &http.Server{Handler: g}
		go web.Serve(l)
		t.Cleanup(func() { web.Close() })
		all = append(all, g)
	}
	return all, port
}

func (g *site) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	if g.sick.Load() {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
}

// A story has a record whose first pool, a and b, comes from the next plugins. The second pool
// is c.
type story struct {
	*server
	a, b, c *site
}

// tell starts a server with a record for name and these next plugins.
func tell(t *testing.T, name, zone, next string) story {
	t.Helper()
	all, port := sites(t, "127.0.1.1", "127.0.1.2", "127.0.1.3")
	s := startServer(t, recordCorefile(name, zone, "next", port, next))
	return story{s, all[0], all[1], all[2]}
}

// recordCorefile returns a Corefile with a record for name.
func recordCorefile(name, zone, primary, port, next string) string {
	return zone + `:$port {
	bind 127.0.0.1
	failover ` + name + ` {
		primary ` + primary + `
		secondary 127.0.1.3
		check http :` + port + ` {
			host app.example.org
			interval 500ms
			timeout 500ms
			fast_interval 20ms
			fall 4
			rise 2
			damping off
		}
	}
	` + next + `
	errors
}`
}

// from waits until A is answered with the addresses of these sites, after any CNAMEs.
func (s story) from(t *testing.T, name string, from ...*site) {
	t.Helper()
	want := "NOERROR"
	for _, g := range from {
		want += " A " + g.ip
	}
	s.becomes(t, want, func() string {
		got := s.ask(name, "A")
		if i := strings.Index(got, " CNAME "); i >= 0 {
			got = got[:i]
		}
		return got
	})
}

// fails makes a, then b, fail and recover.
func (s story) fails(t *testing.T, name string) {
	t.Helper()
	s.from(t, name, s.a, s.b)
	s.a.sick.Store(true)
	s.from(t, name, s.b)
	s.b.sick.Store(true)
	s.from(t, name, s.c)
	s.a.sick.Store(false)
	s.from(t, name, s.a)
	s.b.sick.Store(false)
	s.from(t, name, s.a, s.b)
}
