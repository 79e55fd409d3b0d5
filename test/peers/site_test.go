package peers

import (
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
)

// A site is a web server on an address of loopback that can be made sick.
type site struct {
	ip   string
	sick atomic.Bool
}

// sites starts one on each of the addresses, all with the same port, and returns
// that too.
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

// A story is that of a record whose first pool comes from the plugins behind: it
// has a and b. The second is c.
type story struct {
	*server
	a, b, c *site
}

// tell starts a server with a record of a name and these plugins behind it.
func tell(t *testing.T, name, zone, behind string) story {
	t.Helper()
	all, port := sites(t, "127.0.1.1", "127.0.1.2", "127.0.1.3")
	s := startServer(t, recordCorefile(name, zone, "next", port, behind))
	return story{s, all[0], all[1], all[2]}
}

// recordCorefile is one with a record of a name.
func recordCorefile(name, zone, primary, port, behind string) string {
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
	` + behind + `
	errors
}`
}

// from waits until A of a name is answered from these, behind what leads there.
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

// fails lets a, then b, fail and come back.
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
