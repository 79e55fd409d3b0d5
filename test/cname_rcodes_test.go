package test

import (
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// cnameRecords are records with CNAMEs, and their targets.
const cnameRecords = `
	failover {
		ttl 7
		check none
		record al {
			primary real.example.org {
				as cname
			}
		}
		record nx *.apps {
			primary none.example.org {
				as cname
			}
		}
		record tosf {
			primary sf.example.org {
				as cname
			}
		}
		record four {
			primary 192.0.2.4
		}
		record below.here {
			primary 192.0.2.5
		}
		record sf {
			primary 192.0.2.6
			all_down servfail
			check file $down {
				interval 50ms
				fall 1
			}
		}
		record worn {
			primary 192.0.2.7
			check file $down {
				interval 50ms
				fall 1
			}
		}
	}
	file $zone`

const cnameTargetZone = zoneFile + `
real A 192.0.2.1
real TXT t
al TXT hidden
four A 192.0.2.99
sf A 192.0.2.99
www CNAME sf
wal CNAME al
wnx CNAME nx
far CNAME x.apps
wfour CNAME four
wworn CNAME worn
where CNAME here
long CNAME www
`

// startCNAMEs starts a server with cnameRecords, and with config in front of them.
func startCNAMEs(t *testing.T, config string) (s *server, key *dns.DNSKEY) {
	t.Helper()
	s = prepare(t, nil)
	s.vars["zone"], s.vars["down"] = s.write("zone", cnameTargetZone), s.write("down", "down\n")
	if strings.Contains(config, "$key") {
		key = s.newKey("example.org.")
	}
	s.serve("example.org:$dns {\nbind $ip\n" + config + cnameRecords + "\n}")
	s.waitFor("sf.example.org. is degraded")
	s.waitFor("worn.example.org. is degraded")
	return s, key
}

const (
	toReal = "CNAME real.example.org."
	toNone = "CNAME none.example.org."
	isSF   = "SERVFAIL (0 all pools down: serving servfail)"
)

// The rcode of a CNAME is that of its target: of a CNAME that failover makes, and of one that
// the next plugins have and whose target is a record (RFC 6604).
func TestRcodesOfCNAMEs(t *testing.T) {
	t.Parallel()
	for name, config := range map[string]string{"alone": "", "after cache": "cache\n"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, _ := startCNAMEs(t, config)
			for query, want := range map[string]string{
				"al A":        toReal + " A 192.0.2.1",
				"al TXT":      toReal + ` TXT "t"`,
				"al AAAA":     toReal + " SOA",
				"al MX":       toReal + " SOA",
				"al DS":       toReal + " SOA",
				"al NSEC":     "NODATA SOA",
				"al RRSIG":    "NODATA SOA",
				"al CNAME":    toReal,
				"nx A":        "NXDOMAIN " + toNone + " SOA",
				"nx TXT":      "NXDOMAIN " + toNone + " SOA",
				"x.apps AAAA": "NXDOMAIN " + toNone + " SOA",
				"x.apps NSEC": "NODATA SOA",
				"tosf A":      strings.Replace(isSF, "(", "CNAME sf.example.org. (", 1),
				"www A":       strings.Replace(isSF, "(", "CNAME sf.example.org. (", 1),
				"long AAAA":   strings.Replace(isSF, "(", "CNAME www.example.org. CNAME sf.example.org. (", 1),
				"www TXT":     "CNAME sf.example.org. NS", // that of the zone file
				"wal A":       "CNAME al.example.org. " + toReal + " A 192.0.2.1 NS",
				"wal TXT":     "CNAME al.example.org. " + toReal + ` TXT "t"`,
				"wal MX":      "CNAME al.example.org. " + toReal + " SOA",
				"wnx A":       "NXDOMAIN CNAME nx.example.org. " + toNone + " SOA",
				"wnx MX":      "NXDOMAIN CNAME nx.example.org. " + toNone + " SOA",
				"far AAAA":    "NXDOMAIN CNAME x.apps.example.org. " + toNone + " SOA",
				"wfour A":     "CNAME four.example.org. A 192.0.2.4 NS",
				"wfour AAAA":  "CNAME four.example.org. SOA",
				"wworn A":     "CNAME worn.example.org. A 192.0.2.7 NS (0 all pools down: serving primary)",
				"wworn TXT":   "CNAME worn.example.org. SOA",
				"where A":     "CNAME here.example.org. SOA",
			} {
				name, qtype, _ := strings.Cut(query, " ")
				m := s.exchange(new(dns.Client), ednsQuery(name+".example.org", qtype), s.addr("dns"))
				got := short(m)
				if errors := extendedErrors(m); len(errors) > 0 {
					got += " (" + strings.Join(errors, ") (") + ")"
				}
				if config != "" { // a cache keeps a SERVFAIL without its error
					got, _, _ = strings.Cut(got, " (")
					want, _, _ = strings.Cut(want, " (")
				}
				if got != want {
					t.Errorf("%s: got %s, want %s", query, got, want)
				}
				if got := s.ask(name+".example.org", qtype); !strings.HasPrefix(want, got) {
					t.Errorf("%s without EDNS: got %s, want %s", query, got, want)
				}
				for _, rr := range append(m.Answer, m.Ns...) {
					if strings.Contains(want, toReal+" SOA") && rr.Header().Ttl > 7 {
						t.Errorf("%s: a TTL is above the record's: %s", query, rr)
					}
				}
			}
		})
	}
}

// The same answers validate when they are signed.
func TestRcodesOfSignedCNAMEs(t *testing.T) {
	t.Parallel()
	for _, config := range []string{"", "cache\n"} {
		s, key := startCNAMEs(t, config+"dnssec {\nkey file $key\n}\n")
		r := newResolver(s, map[string]*dns.DNSKEY{"example.org.": key})
		for query, want := range map[string]string{
			"al A":        toReal + " A 192.0.2.1",
			"al TXT":      toReal + " TXT t",
			"al AAAA":     toReal,
			"al MX":       toReal,
			"nx A":        toNone, // dnssec says that there is no such type
			"x.apps TXT":  toNone,
			"wal MX":      "CNAME al.example.org. " + toReal,
			"wal TXT":     "CNAME al.example.org. " + toReal + " TXT t",
			"wnx AAAA":    "CNAME nx.example.org. " + toNone,
			"wfour A":     "CNAME four.example.org. A 192.0.2.4",
			"wfour AAAA":  "CNAME four.example.org.",
			"where A":     "CNAME here.example.org.",
			"wworn A":     "CNAME worn.example.org. A 192.0.2.7",
			"tosf A":      "SERVFAIL",
			"x.apps NSEC": "NSEC",
		} {
			name, qtype, _ := strings.Cut(query, " ")
			if qtype != "NSEC" {
				if got := r.validated(s, name+".example.org", qtype); got != words(want) {
					t.Errorf("%s: unbound says %s, want %s", query, got, words(want))
				}
			}
			if got := s.signed(key, name+".example.org", qtype); want != "SERVFAIL" && strings.Contains(got, "SERVFAIL") {
				t.Errorf("%s: got %s", query, got)
			}
		}
	}
}

// No client waits for the target of a CNAME for more than a second.
func TestCNAMEToASilentServer(t *testing.T) {
	t.Parallel()
	s, up := startHosts(t, cnamePool+"secondary $c", "www.example.net 1 A $A")
	becomes(t, "A", "CNAME www.example.net. A "+s.a.ip, func() string { return s.ask("app.example.org", "A") })
	up.becomes(script{silent: true})
	for _, qtype := range []string{"A", "AAAA", "MX"} {
		began := time.Now()
		if got := s.ask("app.example.org", qtype); got != "CNAME www.example.net." {
			t.Errorf("%s: got %s", qtype, got)
		}
		if took := time.Since(began); took > 1900*time.Millisecond {
			t.Errorf("%s: the answer took %s", qtype, took)
		}
	}
	up.becomes(script{rcode: dns.RcodeServerFailure})
	becomes(t, "A", "SERVFAIL CNAME www.example.net.", func() string { return s.ask("app.example.org", "A") })
}
