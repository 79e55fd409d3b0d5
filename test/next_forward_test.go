package test

import (
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// startNext starts a server that forwards to an author of records. A, B and C in them
// stand for the targets.
func startNext(t *testing.T, records ...string) (nextStory, *author) {
	t.Helper()
	s := prepareNext(t)
	up := newAuthor(t, s.named(records...)...)
	s.vars["upstream"] = up.addr
	s.serve(strings.Replace(nextCorefile, "NEXT", "forward . $upstream {\nmax_fails 0\n}", 1))
	return s, up
}

// named returns records with the addresses of the targets in them.
func (s nextStory) named(records ...string) (named []string) {
	for _, text := range records {
		named = append(named, strings.NewReplacer("$A", s.a.ip, "$B", s.b.ip, "$C", s.c.ip).Replace(text))
	}
	return named
}

// The next plugins are queried at the start and again when the TTL ends, whether clients
// query or not, and no more often.
func TestNextIsAskedByItself(t *testing.T) {
	t.Parallel()
	const name = "app.example.org"
	s, up := startNext(t, name+" 1 A $A", name+" 1 AAAA ::1")
	began, before := time.Now(), up.count(name, "A")
	eventually(t, "the next plugins are queried", func() bool { return up.count(name, "A") > 0 && up.count(name, "AAAA") > 0 })
	s.waitFor(s.a.ip + ": unknown -> up")
	up.isAskedAgain(3, name, "A")
	took := time.Since(began)
	if n := up.count(name, "A") - before; n > seconds(took)+1 {
		t.Errorf("%d queries in %s with a TTL of 1", n, took)
	}
	up.write(s.named(name + " 1 A $B")...)
	s.waitFor(s.b.ip + ": unknown -> up") // before any client has queried
	s.isAnswered(s.b)
}

// NODATA and NXDOMAIN make the pool empty. A failure does not change it.
func TestNextFails(t *testing.T) {
	t.Parallel()
	const name = "app.example.org"
	s, up := startNext(t, name+" 1 A $A")
	s.waitFor(s.a.ip + ": unknown -> up") // until then the next plugins answer
	s.isAnswered(s.a)
	for _, kind := range []script{{rcode: dns.RcodeServerFailure}, {rcode: dns.RcodeRefused}, {silent: true}} {
		up.becomes(kind)
		stop := always(t, func() {
			if got := s.ask(name, "A"); got != "A "+s.a.ip {
				t.Errorf("rcode %d, silent %v: got %s", kind.rcode, kind.silent, got)
			}
		})
		up.isAskedAgain(3, name, "A")
		stop()
	}
	s.waitFor("cannot be looked up, what is known of it stays: ")
	up.write(name + " 1 TXT nodata")
	s.isAnswered(s.c)
	s.waitFor("app.example.org. can be looked up again")
	up.becomes(script{rcode: dns.RcodeServerFailure})
	up.isAskedAgain(2, name, "A")
	s.isAnswered(s.c)
	up.write(s.named(name + " 1 A $B")...)
	s.isAnswered(s.b)
	up.write("other.example.org 1 A 127.0.0.1")
	s.isAnswered(s.c)
	up.write(s.named(name+" 1 A $A", name+" 1 A $B")...)
	s.isAnswered(s.a, s.b)
}

// Until the first lookup has ended, the next plugins answer, and no TTL is above the
// record's. A lookup that fails ends too.
func TestNextBeforeTheFirstAnswer(t *testing.T) {
	t.Parallel()
	const name = "app.example.org"
	s := prepareNext(t)
	up := newAuthor(t, s.named(name+" 1 A $A")...)
	up.becomes(script{rcode: dns.RcodeServerFailure})
	s.vars["upstream"] = up.addr
	s.serve(strings.Replace(nextCorefile, "NEXT", "forward . $upstream", 1))
	s.waitFor("app.example.org. cannot be looked up")
	s.isAnswered(s.c) // no lookup has found what is in the pool
	up.becomes(script{})
	s.isAnswered(s.a)
}

// A record whose addresses were never found is not answered with NODATA, which resolvers
// would keep although it may be wrong.
func TestNothingIsKnown(t *testing.T) {
	t.Parallel()
	s := prepareNext(t)
	up := newAuthor(t, s.named("next.example.org 1 A $A", "x.wild.example.org 1 A $A", "www.example.net 1 A $A")...)
	up.becomes(script{rcode: dns.RcodeServerFailure})
	s.vars["upstream"] = up.addr
	s.serve(`
	example.org:$dns {
		bind $ip
		failover {
			check none
			record next *.wild {
				primary next
			}
			record host {
				primary www.example.net
			}
			record nodata {
				primary www.example.net
				all_down nodata
			}
		}
		forward . $upstream {
			max_fails 0
		}
	}`)
	const failure = "SERVFAIL, 0 all pools down: no address is known"
	is := func(name, want string) {
		t.Helper()
		becomes(t, name, want, func() string {
			m := s.exchange(new(dns.Client), ednsQuery(name, "A"), s.addr("dns"))
			return strings.Join(append([]string{short(m)}, extendedErrors(m)...), ", ")
		})
	}
	is("next.example.org", failure)
	is("x.wild.example.org", failure)
	is("host.example.org", failure)
	is("nodata.example.org", "NODATA SOA, 0 all pools down: serving nodata")
	up.write("other.example.org 1 A 127.0.0.1")
	is("next.example.org", "NODATA SOA, 0 all pools down: serving primary")
	is("x.wild.example.org", "NODATA SOA, 0 all pools down: no address is known")
	is("host.example.org", failure)
	up.write(s.named("next.example.org 1 A $A", "x.wild.example.org 1 A $A", "www.example.net 1 A $A")...)
	for _, name := range []string{"next.example.org", "x.wild.example.org", "host.example.org", "nodata.example.org"} {
		is(name, "A "+s.a.ip)
	}
}

// The first lookup gets no answer, and the query of a client gets one.
func TestNextDuringTheFirstLookup(t *testing.T) {
	t.Parallel()
	const name = "app.example.org"
	s := prepareNext(t)
	up := newAuthor(t, s.named(name+" 300 A $A", name+" 300 TXT t")...)
	up.becomes(script{silent: true})
	s.vars["upstream"] = up.addr
	s.serve(strings.Replace(nextCorefile, "NEXT", "forward . $upstream {\nmax_fails 0\n}", 1))
	eventually(t, "the next plugins are queried", func() bool { return up.count(name, "A") > 0 && up.count(name, "AAAA") > 0 })
	up.becomes(script{})
	m := s.query(name, "A")
	if got := short(m); got != "A "+s.a.ip {
		t.Errorf("got %s", got)
	}
	for _, rr := range m.Answer {
		if rr.Header().Ttl > 7 {
			t.Errorf("the TTL is %d, and that of the record is 7", rr.Header().Ttl)
		}
	}
}

// CNAMEs stay in the answer, no TTL is above the record's or its own, and unhealthy addresses
// are removed at the end of the chain of CNAMEs too.
func TestNextCNAMEs(t *testing.T) {
	t.Parallel()
	const name = "app.example.org"
	s, up := startNext(t, name+" 300 CNAME x.example.net", "x.example.net 3 CNAME y.example.net",
		"y.example.net 300 A $A", "y.example.net 300 A $B")
	check := func(addrs ...string) {
		t.Helper()
		owners := []string{"app.example.org. CNAME x.example.net.", "x.example.net. CNAME y.example.net."}
		for _, a := range addrs {
			owners = append(owners, "y.example.net. A "+a)
		}
		becomes(t, "the answer", strings.Join(owners, ", "), func() string {
			var got []string
			for _, rr := range s.query(name, "A").Answer {
				h := rr.Header()
				got = append(got, h.Name+" "+strings.Join(data([]dns.RR{rr}), " "))
				if most := map[bool]uint32{true: 3, false: 7}[h.Name == "x.example.net."]; h.Ttl > most {
					t.Errorf("%s has a TTL of %d, above %d", h.Name, h.Ttl, most)
				}
			}
			return strings.Join(got, ", ")
		})
	}
	check(s.a.ip, s.b.ip)
	s.a.sick()
	check(s.b.ip)
	if got := s.ask(name, "CNAME"); got != "CNAME x.example.net." {
		t.Errorf("CNAME: got %s", got)
	}
	for _, rr := range s.query(name, "CNAME").Answer {
		if rr.Header().Ttl > 7 {
			t.Errorf("the TTL of the CNAME is %d, and that of the record is 7", rr.Header().Ttl)
		}
	}
	if got := s.ask(name, "TXT"); got != "CNAME x.example.net. CNAME y.example.net." {
		t.Errorf("TXT: got %s", got)
	}
	s.b.sick()
	s.isAnswered(s.c)
	up.write(s.named(name + " 1 A $A")...)
	s.a.well()
	s.isAnswered(s.a)
}

// A lookup whose answer is truncated over UDP is repeated over TCP.
func TestNextTruncated(t *testing.T) {
	t.Parallel()
	const name = "app.example.org"
	var records []string
	for range 200 {
		records = append(records, name+" 1 A "+loopback()) // nothing listens there
	}
	s, up := startNext(t, "other.example.org 1 A 127.0.0.1")
	s.isAnswered(s.c)
	up.write(append(records, s.named(name+" 1 A $A", name+" 1 A $B")...)...)
	up.becomes(script{short: true})
	s.isAnswered(s.a, s.b)
	eventually(t, "all others are down", func() bool { return s.log.count("-> down") >= len(records) })
	for _, g := range []*target{s.a, s.b} {
		g.sick()
	}
	s.isAnswered(s.c)
}
