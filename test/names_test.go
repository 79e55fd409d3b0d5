package test

import (
	"strings"
	"testing"

	"github.com/miekg/dns"
)

const namesCorefile = `
	example.org:$dns {
		bind $ip
		failover {
			check none
			ttl 7
			record app deep.under.here {
				primary 192.0.2.1
			}
			record *.apps {
				primary 192.0.2.2
			}
			record exact.apps {
				primary 192.0.2.3
			}
		}
		failover sub.example.org {
			check none
			ttl 9
			primary 192.0.2.4
		}
	}
	.:$root {
		bind $ip
		failover example.net {
			ttl 8
			record app {
				primary 192.0.2.5
				check none
			}
		}
	}
	example.com:$root {
		bind $ip
		failover {
			check none
			record @ *.wild {
				primary 192.0.2.6
			}
		}
		file $zone
	}`

// Names are answered as in a zone that has the records and nothing else.
func TestNames(t *testing.T) {
	t.Parallel()
	s := prepare(t, nil)
	s.vars["zone"] = s.write("zone", zoneFile+"a.wild A 127.9.9.9\na.wild TXT a\nwww A 127.9.9.8\n")
	s.serve(namesCorefile)
	const none, nx, no = "NODATA SOA", "NXDOMAIN SOA", "REFUSED"
	tests := []struct{ port, name, qtype, want string }{
		{"dns", "app.example.org", "A", "A 192.0.2.1"},
		{"dns", "app.example.org", "AAAA", none},
		{"dns", "x.app.example.org", "A", nx},
		{"dns", "sub.example.org", "A", "A 192.0.2.4"},
		{"dns", "x.sub.example.org", "TXT", nx},
		// Wildcards: RFC 4592.
		{"dns", "x.apps.example.org", "A", "A 192.0.2.2"},
		{"dns", "y.x.apps.example.org", "A", "A 192.0.2.2"},
		{"dns", "*.apps.example.org", "A", "A 192.0.2.2"},
		{"dns", "x.apps.example.org", "AAAA", none},
		{"dns", "x.apps.example.org", "TXT", none},
		{"dns", "exact.apps.example.org", "A", "A 192.0.2.3"},
		{"dns", "below.exact.apps.example.org", "A", nx},
		// Empty non-terminals.
		{"dns", "apps.example.org", "A", none},
		{"dns", "apps.example.org", "NS", none},
		{"dns", "under.here.example.org", "A", none},
		{"dns", "here.example.org", "HTTPS", none},
		{"dns", "x.here.example.org", "A", nx},
		{"dns", "deep.under.here.example.org", "A", "A 192.0.2.1"},
		// The apex without next plugins.
		{"dns", "example.org", "A", none},
		{"dns", "example.org", "MX", none},
		{"dns", "example.org", "NS", "NS ns.dns.example.org."},
		{"dns", "unknown.example.org", "A", nx},
		{"dns", "unknown.example.org", "SOA", nx},
		{"dns", "example.net", "A", no},
		{"dns", "org", "A", no},
		// A server block for the root.
		{"root", "app.example.net", "A", "A 192.0.2.5"},
		{"root", "app.example.net", "TXT", none},
		{"root", "unknown.example.net", "A", nx},
		{"root", "example.net", "A", none},
		{"root", "example.net", "NS", "NS ns.dns.example.net."},
		{"root", "example.info", "A", "REFUSED"},
		{"root", "example.info", "TXT", "REFUSED"},
		{"root", "net", "A", "REFUSED"},
		// With a next plugin.
		{"root", "example.com", "A", "A 192.0.2.6"},
		{"root", "example.com", "NS", "NS ns.example.com."},
		{"root", "www.example.com", "A", "A 127.9.9.8 NS"},
		{"root", "unknown.example.com", "A", nx},
		{"root", "x.wild.example.com", "A", "A 192.0.2.6"},
		{"root", "a.wild.example.com", "A", "A 127.9.9.9 NS"}, // from the file
		{"root", "a.wild.example.com", "TXT", `TXT "a" NS`},
		{"root", "b.wild.example.com", "TXT", none},
		{"root", "wild.example.com", "A", none},
	}
	for _, test := range tests {
		for _, name := range []string{test.name, strings.ToUpper(test.name)} {
			m := s.exchange(new(dns.Client), question(name, test.qtype), s.addr(test.port))
			if got := short(m); got != test.want {
				t.Errorf("%s %s: got %s, want %s", name, test.qtype, got, test.want)
			}
			if strings.Contains(test.want, " ") && !m.Authoritative {
				t.Errorf("%s %s: AA is not set", name, test.qtype)
			}
			for _, rr := range m.Answer {
				if !strings.EqualFold(rr.Header().Name, dns.Fqdn(name)) {
					t.Errorf("%s %s: the answer is about %s", name, test.qtype, rr.Header().Name)
				}
			}
		}
	}
}

// The synthetic SOA is the same in every section, and that of the zone that encloses the
// name.
func TestSOA(t *testing.T) {
	t.Parallel()
	s := prepare(t, nil)
	s.vars["zone"] = s.write("zone", zoneFile)
	s.serve(namesCorefile)
	soa := func(m *dns.Msg) *dns.SOA {
		for _, rr := range append(m.Answer, m.Ns...) {
			if soa, ok := rr.(*dns.SOA); ok {
				return soa
			}
		}
		t.Fatalf("no SOA in %s", m)
		return nil
	}
	tests := []struct {
		port, name, qtype string
		zone              string
		ttl               uint32
	}{
		{"dns", "example.org", "SOA", "example.org.", 7},
		{"dns", "app.example.org", "AAAA", "example.org.", 7},
		{"dns", "unknown.example.org", "A", "example.org.", 7},
		{"dns", "x.apps.example.org", "AAAA", "example.org.", 7},
		{"dns", "sub.example.org", "AAAA", "example.org.", 9},
		{"dns", "unknown.sub.example.org", "AAAA", "example.org.", 9},
		{"root", "app.example.net", "AAAA", "example.net.", 8},
		{"root", "example.net", "SOA", "example.net.", 8},
	}
	serial := soa(s.query("example.org", "SOA")).Serial
	for _, test := range tests {
		got := soa(s.exchange(new(dns.Client), question(test.name, test.qtype), s.addr(test.port)))
		if got.Hdr.Name != test.zone || got.Ns != "ns.dns."+test.zone || got.Mbox != "hostmaster."+test.zone ||
			got.Hdr.Ttl != test.ttl || got.Minttl != test.ttl {
			t.Errorf("%s %s: got %s, want it for %s with TTL and minimum %d", test.name, test.qtype, got, test.zone, test.ttl)
		}
		if test.zone == "example.org." && got.Serial != serial {
			t.Errorf("%s %s: serial %d, and that of the apex is %d", test.name, test.qtype, got.Serial, serial)
		}
	}
}

// Zone transfers and queries of other classes are passed on.
func TestPassesThrough(t *testing.T) {
	t.Parallel()
	s := prepare(t, nil)
	s.vars["zone"] = s.write("zone", zoneFile+"app CNAME www\nwww A 127.9.9.8\n")
	s.serve(`
	example.org:$dns {
		bind $ip
		failover app.example.org {
			primary 192.0.2.1
			check none
		}
		transfer {
			to *
		}
		file $zone
	}
	example.net:$dns {
		bind $ip
		failover app.example.net {
			primary 192.0.2.1
			check none
		}
	}`)
	m := new(dns.Msg)
	m.SetAxfr("example.org.")
	envelopes, err := new(dns.Transfer).In(m, s.addr("dns"))
	if err != nil {
		t.Fatal(err)
	}
	var owners []string
	for e := range envelopes {
		for _, rr := range e.RR {
			owners = append(owners, rr.Header().Name+" "+typeOf(rr))
		}
	}
	if got := strings.Join(owners, " "); !strings.Contains(got, "app.example.org. CNAME") || strings.Contains(got, "app.example.org. A") {
		t.Errorf("the transfer has %s", got)
	}
	chaos := question("app.example.net", "A")
	chaos.Question[0].Qclass = dns.ClassCHAOS
	if got := short(s.exchange(new(dns.Client), chaos, s.addr("dns"))); got != "REFUSED" {
		t.Errorf("class CH: got %s", got)
	}
	notify := question("app.example.net", "A")
	notify.Opcode = dns.OpcodeNotify
	if got := short(s.exchange(new(dns.Client), notify, s.addr("dns"))); strings.Contains(got, "192.0.2.1") {
		t.Errorf("opcode NOTIFY: got %s", got)
	}
}
