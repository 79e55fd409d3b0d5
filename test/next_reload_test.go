package test

import (
	"fmt"
	"strings"
	"testing"
)

const nextReloadCorefile = `
	example.org:$dns {
		bind $ip
		prometheus $ip:$metrics
		failover {
			check http :$web {
				host app.example.org
				` + seldom + `
				fast_interval 20ms
				fall 2
				damping off
			}
			record app *.wild {
				primary next
				secondary $c
			}
		}
		forward . $upstream
	}`

// Names whose addresses come from the next plugins keep their state over a reload: an
// address that is down is not served at any time, and no check starts anew.
func TestNextReload(t *testing.T) {
	t.Parallel()
	names := []string{"app.example.org", "x.wild.example.org", "y.wild.example.org"}
	s := prepareNext(t)
	up := newAuthor(t, s.named(names[0]+" 1 A $A", names[0]+" 1 A $B", names[1]+" 1 A $A", names[1]+" 1 A $B", names[2]+" 1 A $A")...)
	s.vars["upstream"] = up.addr
	s.a.sick()
	s.serve(nextReloadCorefile)
	want := []string{"A " + s.b.ip, "A " + s.b.ip, "A " + s.c.ip}
	for i, name := range names {
		becomes(t, name, want[i], func() string { return s.ask(name, "A") })
	}
	s.a.well() // a new check would notice at once
	probes := s.a.hits.Load() + s.b.hits.Load() + s.c.hits.Load()
	var stops []func()
	for i, name := range names {
		stops = append(stops, always(t, func() {
			if got := s.ask(name, "A"); got != want[i] {
				t.Errorf("%s: got %s, want %s", name, got, want[i])
			}
		}))
	}
	for n := range 10 {
		s.reload(nextReloadCorefile + fmt.Sprintf("# %d", n))
		s.reload(strings.Replace(nextReloadCorefile, "forward", "errors\nforward", 1))
	}
	// At first the new generation gets no answers from the next plugins.
	up.becomes(script{silent: true})
	s.reload(nextReloadCorefile)
	up.isAskedAgain(2, names[0], "A")
	up.becomes(script{})
	up.isAskedAgain(1, names[0], "A")
	for _, stop := range stops {
		stop()
	}
	if n := s.a.hits.Load() + s.b.hits.Load() + s.c.hits.Load() - probes; n != 0 {
		t.Errorf("the reloads caused %d probes", n)
	}
	if n := s.log.count("secondary -> primary"); n != 0 {
		t.Errorf("the reloads caused %d changes", n)
	}
}
