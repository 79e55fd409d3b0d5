package test

import (
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"
)

const cnamePool = "primary www.example.net {\nas cname\n}\n"

// While a pool with "as cname" is active, every type is answered with the CNAME and the
// records of its target. Otherwise A and AAAA are answered with addresses, and other types as usual.
func TestAsCNAME(t *testing.T) {
	t.Parallel()
	const name = "app.example.org"
	s, up := startHosts(t, cnamePool+"secondary $c",
		"www.example.net 1 A $A", `www.example.net 300 TXT t`, "www.example.net 300 MX 10 mail.example.net",
		`app.example.org 300 TXT own`)
	const cname = "CNAME www.example.net."
	active := map[string]string{
		"A": cname + " A " + s.a.ip, "AAAA": cname, "TXT": cname + ` TXT "t"`, "MX": cname + " MX 10 mail.example.net.",
		"CNAME": cname, "HTTPS": cname, "NS": cname, "SOA": cname, "ANY": cname,
	}
	becomes(t, "A", active["A"], func() string { return s.ask(name, "A") })
	for qtype, want := range active {
		m := s.query(name, qtype)
		m.Ns = nil
		if got := short(m); got != want {
			t.Errorf("%s: got %s, want %s", qtype, got, want)
		}
		if h := m.Answer[0].Header(); h.Name != dns.Fqdn(name) || h.Ttl != 5 {
			t.Errorf("%s: the CNAME is %s", qtype, m.Answer[0])
		}
		for _, rr := range m.Answer {
			if rr.Header().Ttl > 5 {
				t.Errorf("%s: a TTL above the record's: %s", qtype, rr)
			}
		}
	}
	s.a.sick()
	s.isAnswered(s.c)
	passive := map[string]string{
		"AAAA": "NODATA SOA", "TXT": `TXT "own"`, "MX": "NODATA SOA", "CNAME": "NODATA SOA", "HTTPS": "NODATA SOA",
	}
	for qtype, want := range passive {
		if got := s.ask(name, qtype); got != want {
			t.Errorf("from the secondary, %s: got %s, want %s", qtype, got, want)
		}
	}
	s.a.well()
	becomes(t, "A", active["A"], func() string { return s.ask(name, "A") })

	// The CNAME stays when its target moves, and while the target cannot be looked up.
	up.write(s.named("www.example.net 1 CNAME b.example.net", "b.example.net 1 A $B")...)
	becomes(t, "A", cname+" CNAME b.example.net. A "+s.b.ip, func() string { return s.ask(name, "A") })
	up.becomes(script{rcode: dns.RcodeServerFailure})
	up.isAskedAgain(2, "www.example.net", "A")
	if got := s.ask(name, "CNAME"); got != cname {
		t.Errorf("while the target cannot be looked up: %s", got)
	}
	if got := s.ask(name, "A"); got != cname && got != "SERVFAIL "+cname {
		t.Errorf("while the target cannot be looked up, A: %s", got)
	}
}

// The records of the target are answered too if only the next plugins have them, and no
// server block is for its zone.
func TestAsCNAMEOfAnotherZone(t *testing.T) {
	t.Parallel()
	s := prepareNext(t)
	corefile := strings.Replace(hostCorefile, " example.net:$dns", "", 1)
	s.serve(strings.NewReplacer("RECORD", cnamePool+"secondary $c", "NEXT", `template IN A example.net {
answer "{{ .Name }} 60 IN A $a"
}`).Replace(corefile))
	becomes(t, "A", "CNAME www.example.net. A "+s.a.ip, func() string { return s.ask("app.example.org", "A") })
	s.a.sick()
	s.isAnswered(s.c)
}

// CNAMEs that form a loop are answered with SERVFAIL at once, whichever plugin detects it.
func TestAsCNAMELoop(t *testing.T) {
	t.Parallel()
	s, up := startHosts(t, cnamePool+"secondary $c", "www.example.net 1 A $A")
	becomes(t, "A", "CNAME www.example.net. A "+s.a.ip, func() string { return s.ask("app.example.org", "A") })
	loops := map[string][]string{
		"through the record":   {"www.example.net 1 CNAME app.example.org"},
		"of the target itself": {"www.example.net 1 CNAME www.example.net"},
		"beyond the target":    {"www.example.net 1 CNAME x.example.net", "x.example.net 1 CNAME Www.example.net"},
	}
	for name, records := range loops {
		up.write(records...)
		up.isAskedAgain(2, "www.example.net", "A")
		s.isCircular(name)
	}
}

// The same holds if the next plugin looks up targets through the server.
func TestAsCNAMELoopOfFile(t *testing.T) {
	t.Parallel()
	for name, zone := range map[string]string{
		"through the record":   "www CNAME app.example.org.",
		"of the target itself": "www CNAME www",
		"beyond the target":    "www CNAME x\nx CNAME www",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := prepareNext(t)
			s.write("zone", zoneFile+zone+"\n")
			s.serve(strings.NewReplacer("RECORD", cnamePool+"secondary $c", "NEXT", "file $dir/zone example.net").Replace(hostCorefile))
			s.waitFor("www.example.net. cannot be looked up")
			// The target is unknown. An operator who wants to serve it nevertheless
			// configures no other pool.
			s.reload(strings.Replace(s.corefile(), "secondary", "#secondary", 1))
			s.isCircular(name)
		})
	}
}

// isCircular checks the answers of a record whose CNAME is part of a loop.
func (s nextStory) isCircular(why string) {
	s.Helper()
	const cname = "CNAME www.example.net."
	for qtype, want := range map[string]string{
		"A": "SERVFAIL", "AAAA": "SERVFAIL", "TXT": "SERVFAIL", "CNAME": cname, "ANY": cname,
	} {
		began := time.Now()
		// The chain may answer nothing for the target because of the loop.
		if got := s.ask("app.example.org", qtype); got != want && got != cname && got != "SERVFAIL "+cname {
			s.Errorf("%s, %s: got %s, want %s", why, qtype, got, want)
		}
		if took := time.Since(began); took > 2*time.Second {
			s.Errorf("%s, %s: the answer took %s", why, qtype, took)
		}
	}
	if n := s.log.count("-> down") + s.log.count("primary -> secondary: 127"); n != 0 {
		s.Errorf("%s: the loop caused %d transitions", why, n)
	}
}
