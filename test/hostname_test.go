package test

import (
	"strings"
	"testing"

	"github.com/miekg/dns"
)

// hostCorefile has a record with host names that its own server block answers.
const hostCorefile = `
	example.org:$dns example.net:$dns {
		bind $ip
		failover app.example.org {
			RECORD
			check http :$web {
				damping off
				` + fast + `
			}
		}
		NEXT
		errors
	}`

// startHosts starts a server that forwards to an author of records. $A, $B and $C in
// them stand for the targets.
func startHosts(t *testing.T, record string, records ...string) (nextStory, *author) {
	t.Helper()
	s := prepareNext(t)
	up := newAuthor(t, s.named(records...)...)
	s.vars["upstream"] = up.addr
	s.serve(strings.NewReplacer("RECORD", record, "NEXT", "forward . $upstream {\nmax_fails 0\n}").Replace(hostCorefile))
	return s, up
}

// Host names are looked up through the server block's own chain, whichever of its plugins
// answers.
func TestHostNames(t *testing.T) {
	t.Parallel()
	for _, g := range []giver{
		{name: "file", chain: "file $dir/zone example.net"},
		{name: "hosts", chain: "hosts {\n$a www.example.net\n$b www.example.net\n}"},
		{name: "template", chain: `template IN A example.net {
			answer "{{ .Name }} 60 IN A $a"
			answer "{{ .Name }} 60 IN A $b"
		}`},
		{name: "rewrite", chain: "rewrite name exact www.example.net other.example.net\nhosts {\n$a www.example.net\n$b www.example.net\n}"},
		{name: "cache", chain: "cache\nfile $dir/zone example.net"},
	} {
		t.Run(g.name, func(t *testing.T) {
			t.Parallel()
			s := prepareNext(t)
			s.write("zone", zoneFile+"www CNAME web\nweb A $a\nweb A $b\n")
			s.serve(strings.NewReplacer("RECORD", "primary www.example.net\nsecondary $c", "NEXT", g.chain).Replace(hostCorefile))
			s.isAnswered(s.a, s.b)
			s.a.sick()
			s.isAnswered(s.b)
			s.b.sick()
			s.isAnswered(s.c)
			s.a.well()
			s.isAnswered(s.a)
		})
	}
}

// A host name is looked up again when its TTL ends. A lookup that fails in any way
// leaves the known addresses unchanged.
func TestHostNameChanges(t *testing.T) {
	t.Parallel()
	const name = "www.example.net"
	s, up := startHosts(t, "primary "+name+".\nsecondary $c", name+" 1 A $A")
	s.isAnswered(s.a)
	up.write(s.named(name+" 1 A $A", name+" 1 A $B")...)
	s.isAnswered(s.a, s.b)
	up.write(s.named(name + " 1 A $B")...)
	s.isAnswered(s.b)
	for _, kind := range []script{{rcode: dns.RcodeServerFailure}, {rcode: dns.RcodeNameError}, {rcode: dns.RcodeRefused}, {silent: true}} {
		up.becomes(kind)
		stop := always(t, func() {
			if got := s.ask("app.example.org", "A"); got != "A "+s.b.ip {
				t.Errorf("rcode %d, silent %v: got %s", kind.rcode, kind.silent, got)
			}
		})
		up.isAskedAgain(2, name, "A")
		stop()
	}
	s.b.sick()
	s.isAnswered(s.c)
	up.write(s.named(name + " 1 A $A")...)
	s.isAnswered(s.a)
}

// An address that several hosts have is answered once, and no CNAME or SOA of the hosts
// is in the answer.
func TestHostNamesTwice(t *testing.T) {
	t.Parallel()
	s, up := startHosts(t, "primary one.example.net two.example.net $b\nsecondary $c",
		"one.example.net 1 A $A", "two.example.net 1 CNAME three.example.net", "three.example.net 1 A $A", "three.example.net 1 A $B")
	s.isAnswered(s.a, s.b)
	if m := s.query("app.example.org", "A"); len(m.Ns) > 0 || !m.Authoritative {
		t.Errorf("the answer is not our own:\n%s", m)
	}
	up.write(s.named("two.example.net 1 A $A", "one.example.net 1 A $C")...)
	s.isAnswered(s.a, s.b, s.c)
	s.a.sick()
	s.isAnswered(s.b, s.c)
	s.reload("#" + s.corefile())
	s.isAnswered(s.b, s.c)
}

// A host name that points back to the record is inconclusive: this is logged once, and its
// last addresses are kept.
func TestHostNameLoop(t *testing.T) {
	t.Parallel()
	s, up := startHosts(t, "primary www.example.net\nsecondary $c", "www.example.net 1 A $A")
	s.isAnswered(s.a)
	up.write("www.example.net 1 CNAME app.example.org")
	s.waitFor("www.example.net. cannot be looked up, what is known of it stays: ")
	s.waitFor("leads back to itself: ")
	for range 3 {
		up.isAskedAgain(1, "www.example.net", "A")
		s.isAnswered(s.a)
	}
	if n := s.log.count("leads back to itself"); n != 1 {
		t.Errorf("the loop is in the log %d times", n)
	}
	if n := s.log.count("-> down") + s.log.count("primary -> secondary"); n != 0 {
		t.Errorf("the loop caused %d transitions", n)
	}
	up.write(s.named("www.example.net 1 A $B")...)
	s.isAnswered(s.b)
	s.waitFor("www.example.net. can be looked up again")
}
