package test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"
)

const dnssecCorefile = `
	example.org:$dns {
		bind $ip
		dnssec {
			key file $key
		}
		failover {
			check http :$web {
				host app.example.org
				` + fast + `
			}
			record app deep.under.here *.apps @ {
				primary $a 192.0.2.77
				secondary $b
			}
		}
		NEXT
	}`

// newKey makes a key for a zone and writes it as dnssec-keygen does. $key is the
// name of its files.
func (s *server) newKey(zone string) *dns.DNSKEY {
	s.Helper()
	key := &dns.DNSKEY{
		Hdr:   dns.RR_Header{Name: zone, Rrtype: dns.TypeDNSKEY, Class: dns.ClassINET, Ttl: 3600},
		Flags: 257, Protocol: 3, Algorithm: dns.ECDSAP256SHA256,
	}
	private, err := key.Generate(256)
	if err != nil {
		s.Fatal(err)
	}
	s.vars["key"] = fmt.Sprintf("K%s+013+%05d", zone, key.KeyTag())
	s.write(s.vars["key"]+".key", key.String()+"\n")
	s.write(s.vars["key"]+".private", key.PrivateKeyString(private))
	return key
}

// startSigned starts a server that signs, with chain after failover.
func startSigned(t *testing.T, chain string) (story, *dns.DNSKEY) {
	ts := newTargets(t, 2)
	s := story{prepare(t, vars{"a": ts[0].ip, "b": ts[1].ip, "web": ts[0].port}), ts[0], ts[1]}
	key := s.newKey("example.org.")
	s.write("zone", zoneFile+"app CNAME ns\nother TXT t\n")
	// The second address of the primary is never probed: both have one check.
	s.serve(strings.NewReplacer("NEXT", chain, " 192.0.2.77", "").Replace(dnssecCorefile))
	return s, key
}

// signed sends a query with DO, checks every signature, and returns the answer as short does.
func (s *server) signed(key *dns.DNSKEY, name, qtype string) string {
	s.Helper()
	m := question(name, qtype)
	m.SetEdns0(4096, true)
	r := s.exchange(&dns.Client{UDPSize: 4096}, m, s.addr("dns"))
	for section, rrs := range map[string][]dns.RR{"answer": r.Answer, "authority": r.Ns} {
		s.isSigned(key, name+" "+qtype+", "+section, rrs)
	}
	return short(r)
}

// isSigned checks that each RRset of a section has a valid signature.
func (s *server) isSigned(key *dns.DNSKEY, where string, rrs []dns.RR) {
	s.Helper()
	sets, signatures := make(map[string][]dns.RR), make(map[string]*dns.RRSIG)
	for _, rr := range rrs {
		owner := strings.ToLower(rr.Header().Name) + " "
		if sig, ok := rr.(*dns.RRSIG); ok {
			signatures[owner+dns.TypeToString[sig.TypeCovered]] = sig
			continue
		}
		sets[owner+typeOf(rr)] = append(sets[owner+typeOf(rr)], rr)
	}
	for name, set := range sets {
		sig := signatures[name]
		if sig == nil {
			s.Errorf("%s: %s is not signed", where, name)
		} else if err := sig.Verify(key, set); err != nil || !sig.ValidityPeriod(time.Now()) {
			s.Errorf("%s: the signature of %s is not valid: %v", where, name, err)
		}
	}
}

// With dnssec in front, every kind of answer is signed before, during and after a
// failover.
func TestDNSSECInFront(t *testing.T) {
	t.Parallel()
	for name, chain := range map[string]string{"nothing": "", "file": "file zone"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, key := startSigned(t, chain)
			all := func(address string) {
				t.Helper()
				// Denials are NSEC records that dnssec makes, with NOERROR.
				const no, nsec = "NODATA", "SOA RRSIG NSEC RRSIG"
				tests := map[string]string{
					"app.example.org A":             "A " + address + " RRSIG",
					"deep.under.here.example.org A": "A " + address + " RRSIG",
					"example.org A":                 "A " + address + " RRSIG",
					"x.apps.example.org A":          "A " + address + " RRSIG",
					"X.Y.apps.example.org A":        "A " + address + " RRSIG",
					"app.example.org AAAA":          no,
					"app.example.org TXT":           no,
					"app.example.org CNAME":         no,
					"x.apps.example.org TXT":        no,
					"apps.example.org A":            no,
					"under.here.example.org A":      no,
					"here.example.org TXT":          no,
					"unknown.example.org A":         no,
					"x.app.example.org A":           no,
				}
				for q, want := range tests {
					name, qtype, _ := strings.Cut(q, " ")
					got := s.signed(key, name, qtype)
					if denied := strings.HasPrefix(got, no+" "); denied {
						got = no
					}
					got, _, _ = strings.Cut(got, " NS")
					if got != want {
						t.Errorf("%s: got %s, want %s", q, got, want)
					}
				}
			}
			s.answersFrom(s.primary)
			all(s.primary.ip)
			s.primary.sick()
			s.answersFrom(s.secondary)
			all(s.secondary.ip)
			s.primary.well()
			s.answersFrom(s.primary)
			all(s.primary.ip)
		})
	}
}
