package test

import (
	"os"
	"strings"
	"testing"

	"github.com/miekg/dns"
)

// nextCorefile has a record whose first pool comes from the next plugins.
const nextCorefile = `
	example.org:$dns {
		bind $ip
		prometheus $ip:$metrics
		failover app.example.org {
			primary next
			secondary $c
			ttl 7
			check http :$web {
				damping off
				` + fast + `
			}
		}
		NEXT
		errors
	}`

// A nextStory has the targets a and b, whose addresses come from the next plugins, and c,
// the secondary.
type nextStory struct {
	*server
	a, b, c *target
}

func prepareNext(t *testing.T) nextStory {
	ts := newTargets(t, 3)
	return nextStory{prepare(t, vars{"a": ts[0].ip, "b": ts[1].ip, "c": ts[2].ip, "web": ts[0].port}), ts[0], ts[1], ts[2]}
}

// isAnswered waits until A is answered with the addresses of these targets, in any order.
func (s nextStory) isAnswered(from ...*target) {
	s.Helper()
	want := new(dns.Msg)
	for _, g := range from {
		want.Answer = append(want.Answer, rr(s.T, "app.example.org. A "+g.ip))
	}
	for _, qtype := range []string{"A", "ANY"} {
		becomes(s.T, "the answer to "+qtype, sorted(want), func() string {
			m := s.query("app.example.org", qtype)
			m.Ns = nil // file adds it
			return sorted(m)
		})
	}
}

// A giver is a next plugin that a record gets its addresses from.
type giver struct {
	name, chain string
	denies      bool                               // NODATA or NXDOMAIN if it has no address; otherwise it fails
	set         func(s nextStory, addrs ...string) // changes its addresses; nil if it cannot
}

var givers = []giver{
	{"file", "file $dir/zone {\nreload 50ms\n}", true, func(s nextStory, addrs ...string) {
		s.write("zone", nextZone(addrs))
	}},
	{"hosts", "hosts $dir/hosts {\nttl 1\nreload 50ms\n}", false, func(s nextStory, addrs ...string) {
		text := "127.9.9.9 other.example.org\n"
		for _, addr := range addrs {
			text += addr + " app.example.org\n"
		}
		s.write("hosts", text)
	}},
	{"auto", "auto example.org {\ndirectory $dir/zones db\\.(.*) {1}\nreload 50ms\n}", true, func(s nextStory, addrs ...string) {
		os.Mkdir(s.vars.expand(s.T, "$dir/zones"), 0o700)
		s.write("zones/db.example.org", nextZone(addrs))
	}},
	{"template", `template IN A example.org {
		match ^app\.
		answer "{{ .Name }} 1 IN A $a"
		answer "{{ .Name }} 1 IN A $b"
	}
	template IN AAAA example.org {
		rcode NOERROR
	}`, false, nil},
}

// nextZone returns a zone file in which the record's name has addresses.
func nextZone(addrs []string) string {
	text := strings.NewReplacer(" 7 ", " "+serial.next()+" ", " 300\n", " 1\n").Replace(zoneFile)
	for _, addr := range addrs {
		text += "app 1 A " + addr + "\n"
	}
	return text
}

// The addresses that the next plugins answer make a pool: unhealthy ones are removed, and the
// next pool answers if none is left.
func TestNext(t *testing.T) {
	t.Parallel()
	for _, g := range givers {
		t.Run(g.name, func(t *testing.T) {
			t.Parallel()
			s := prepareNext(t)
			if g.set != nil {
				g.set(s, s.a.ip, s.b.ip)
			}
			s.serve(strings.Replace(nextCorefile, "NEXT", g.chain, 1))
			s.isAnswered(s.a, s.b)
			s.a.sick()
			s.isAnswered(s.b)
			s.b.sick()
			s.isAnswered(s.c)
			s.waitFor("app.example.org.: primary -> secondary: ")
			s.a.well()
			s.isAnswered(s.a)
			s.b.well()
			s.isAnswered(s.a, s.b)
			if g.set != nil {
				s.changes(g)
			}
		})
	}
}

// changes makes the next plugin answer other addresses, then none.
func (s nextStory) changes(g giver) {
	s.Helper()
	g.set(s, s.b.ip)
	s.isAnswered(s.b)
	g.set(s, s.b.ip, s.a.ip)
	s.isAnswered(s.a, s.b)
	if g.denies {
		g.set(s)
		s.isAnswered(s.c)
	}
	g.set(s, s.a.ip)
	s.isAnswered(s.a)
	s.a.sick()
	s.isAnswered(s.c)
	g.set(s, s.b.ip)
	s.isAnswered(s.b)
	s.a.well()
}
