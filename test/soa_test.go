package test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/miekg/dns"
)

// owner returns the owner and the serial of the SOA of a negative answer, which must be its
// only record.
func (s *server) owner(name, qtype string) string {
	s.Helper()
	m := s.query(name, qtype)
	if len(m.Ns) != 1 {
		return short(m)
	}
	soa, ok := m.Ns[0].(*dns.SOA)
	if !ok {
		return short(m)
	}
	return fmt.Sprintf("%s %s %d", short(m), soa.Hdr.Name, soa.Serial)
}

// owns waits until negative answers for a name have the SOA of owner.
func (s *server) owns(name, qtype, owner string) {
	s.Helper()
	becomes(s.T, name+" "+qtype, "NODATA SOA "+owner, func() string { return s.owner(name, qtype) })
}

// The SOA is that of the closest zone of the next plugins that encloses the name, whatever the
// zones of the server block are.
func TestSOAOfNestedZones(t *testing.T) {
	t.Parallel()
	for _, zone := range []string{".", "example.org"} {
		t.Run(zone, func(t *testing.T) {
			t.Parallel()
			s := prepare(t, vars{"zone": zone})
			s.write("outer", zoneFile+"alias CNAME www.example.net.\n")
			s.write("inner", strings.Replace(zoneFile, " 7 ", " 17 ", 1))
			s.serve(`
			$zone:$dns {
				bind $ip
				failover example.org {
					check none
					record app alias a.b.outer app.inner *.w.inner @ {
						primary 127.0.0.1
					}
				}
				file outer example.org
				file inner inner.example.org
			}`)
			s.owns("app.example.org", "AAAA", "example.org. 7")
			s.owns("example.org", "AAAA", "example.org. 7")
			s.owns("alias.example.org", "AAAA", "example.org. 7")
			s.owns("a.b.outer.example.org", "AAAA", "example.org. 7")
			s.owns("app.inner.example.org", "AAAA", "inner.example.org. 17")
			s.owns("x.w.inner.example.org", "AAAA", "inner.example.org. 17")
			for name, owner := range map[string]string{
				"outer.example.org": "example.org. 7", "w.inner.example.org": "inner.example.org. 17",
				"alias.example.org": "example.org. 7", "app.inner.example.org": "inner.example.org. 17",
			} {
				if got := s.owner(name, "TXT"); got != "NODATA SOA "+owner {
					t.Errorf("%s: got %s, want the SOA of %s", name, got, owner)
				}
			}
		})
	}
}

// The signatures of dnssec in a block for the root are valid, whatever the ZONE is: with a next
// plugin that has the zone, with one that answers the SOA of a parent, and without one.
func TestSOAIsSigned(t *testing.T) {
	t.Parallel()
	parent := newUpstream(t, says(t, dns.RcodeNameError, "authority org. 60 IN SOA ns.org. hostmaster.org. 8 7200 1800 86400 60"))
	for name, chain := range map[string]string{
		"zone": "file zone example.org", "nobody": "", "parent": "forward . " + parent.addr,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := prepare(t, nil)
			key := s.newKey("example.org.")
			s.write("zone", zoneFile)
			s.serve(`
			.:$dns {
				bind $ip
				dnssec example.org {
					key file $key
				}
				failover {
					check none
					record app.example.org. a.b.example.org. {
						primary 127.0.0.1
					}
				}
				failover zone.example.org {
					check none
					primary 127.0.0.1
				}
				` + chain + `
			}`)
			if name == "zone" {
				s.owns("app.example.org", "AAAA", "example.org. 7")
			}
			queries := []string{"app.example.org AAAA", "a.b.example.org AAAA", "zone.example.org AAAA", "app.example.org TXT", "b.example.org A"}
			if name == "parent" {
				eventually(t, "the parent is queried", func() bool { return parent.hits.Load() > 0 })
				queries = queries[:3] // the others are answered with the SOA of the next plugin
			}
			for _, q := range queries {
				qname, qtype, _ := strings.Cut(q, " ")
				if got := s.signed(key, qname, qtype); !strings.HasPrefix(got, "NODATA SOA ") {
					t.Errorf("%s: got %s", q, got)
				}
				s.isOfSigner(qname, qtype)
			}
		})
	}
}

// isOfSigner checks that the owner of an answer's SOA is the zone that signed it, as BIND
// does.
func (s *server) isOfSigner(name, qtype string) {
	s.Helper()
	m := question(name, qtype)
	m.SetEdns0(4096, true)
	for _, rr := range s.exchange(&dns.Client{UDPSize: 4096}, m, s.addr("dns")).Ns {
		if sig, ok := rr.(*dns.RRSIG); ok && sig.TypeCovered == dns.TypeSOA && sig.Hdr.Name != sig.SignerName {
			s.Errorf("%s %s: the SOA of %s is signed by %s", name, qtype, sig.Hdr.Name, sig.SignerName)
		}
	}
}

// The SOA of an upstream is looked up without a query of a client, and kept while the upstream
// does not answer, also over a reload.
func TestSOAIsKept(t *testing.T) {
	t.Parallel()
	up := newAuthor(t, "example.org 1 SOA ns.example.org. root.example.org. 8 7200 1800 86400 1")
	s := start(t, `
	.:$dns {
		bind $ip
		failover example.org {
			check none
			record app {
				primary 127.0.0.1
			}
		}
		forward . $upstream {
			max_fails 0
		}
	}`, vars{"upstream": up.addr})
	s.owns("app.example.org", "AAAA", "example.org. 8")
	up.becomes(script{silent: true})
	up.isAskedAgain(1, "app.example.org", "SOA")
	if got := s.owner("app.example.org", "AAAA"); got != "NODATA SOA example.org. 8" {
		t.Errorf("got %s while the upstream is silent", got)
	}
	s.reload(s.corefile() + "\n# again")
	if got := s.owner("app.example.org", "AAAA"); got != "NODATA SOA example.org. 8" {
		t.Errorf("got %s after a reload", got)
	}
}
