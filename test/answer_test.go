package test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/miekg/dns"
)

// otherTypes are the types that are queried at a record's name in addition to A and AAAA.
var otherTypes = []string{"HTTPS", "TXT", "MX", "NS", "SOA", "DS", "CNAME", "DNAME", "SRV"}

// poolStates are the states of a record with three pools. Its endpoints are probed at
// an address that is up or at one that is down. An empty answer stands for that of the
// next plugins.
var poolStates = []struct {
	name, primary, others, allDown string
	a, aaaa                        string
}{
	{"ok", "$up", "$up", "primary", "A 192.0.2.1 A 192.0.2.2", "AAAA 2001:db8::1"},
	{"failed over", "$down", "$up", "primary", "A 198.51.100.1", "AAAA 2001:db8::2 AAAA 2001:db8::3"},
	{"primary", "$down", "$down", "primary", "A 192.0.2.1 A 192.0.2.2", "AAAA 2001:db8::1"},
	{"all", "$down", "$down", "all", "A 192.0.2.1 A 192.0.2.2 A 198.51.100.1 A 203.0.113.1",
		"AAAA 2001:db8::1 AAAA 2001:db8::2 AAAA 2001:db8::3"},
	{"pool", "$down", "$down", "spare", "A 203.0.113.1", "NODATA SOA"},
	{"nodata", "$down", "$down", "nodata", "NODATA SOA", "NODATA SOA"},
	{"servfail", "$down", "$down", "servfail", "SERVFAIL", "SERVFAIL"},
	{"next", "$down", "$down", "next", "", ""},
}

const statePools = `
	ttl 7
	check tcp :$web {
		interval 2s
		timeout 2s
		fast_interval 20ms
	}
	all_down ALLDOWN
	primary {
		endpoint 192.0.2.1 probe PRIMARY
		endpoint 2001:db8::1 probe PRIMARY
		endpoint 192.0.2.2 probe PRIMARY
	}
	secondary {
		endpoint 2001:db8::2 probe OTHERS
		endpoint 198.51.100.1 probe OTHERS
		endpoint 2001:db8::3 probe OTHERS
	}
	pool spare {
		endpoint 203.0.113.1 probe OTHERS
	}
`

// TestAnswers queries every type at a record's name, in every state of its pools,
// with every kind of next plugin.
func TestAnswers(t *testing.T) {
	t.Parallel()
	up := newTargets(t, 1)[0]
	s := prepare(t, vars{"up": up.ip, "down": loopback(), "web": up.port})
	chains := nextChains(t)
	var corefile strings.Builder
	for b := range chains {
		chain := chains[b].chain
		if reply := chains[b].upstream; reply != nil {
			chain = strings.ReplaceAll(chain, "$upstream", newUpstream(t, reply).addr)
		}
		chain = strings.ReplaceAll(chain, "$zone", s.write(fmt.Sprintf("zone%d", b), zoneFile+chains[b].zone))
		for i, state := range poolStates {
			pools := strings.NewReplacer("ALLDOWN", state.allDown, "PRIMARY", state.primary, "OTHERS", state.others).Replace(statePools)
			fmt.Fprintf(&corefile, "%s:$dns {\nbind $ip\nprometheus $ip:$metrics\nfailover app.%[1]s {\n%s}\n%s\n}\n",
				stateZone(b, i), pools, strings.ReplaceAll(chain, "ZONE", stateZone(b, i)))
		}
	}
	s.serve(corefile.String())
	becomes(t, "records that are failed over and degraded", fmt.Sprint(len(chains), 6*len(chains)), func() string {
		m := s.scrape()
		return fmt.Sprint(m.ones("pool_active", `"secondary"`), m.ones("degraded"))
	})
	for b := range chains {
		for i, state := range poolStates {
			zone := stateZone(b, i)
			t.Run(chains[b].name+"/"+state.name, func(t *testing.T) {
				s := s.in(t)
				s.wants(&chains[b], zone, "A", state.a)
				s.wants(&chains[b], zone, "AAAA", state.aaaa)
				a, aaaa := cmp.Or(state.a, chains[b].answer("A", zone)), cmp.Or(state.aaaa, chains[b].answer("AAAA", zone))
				s.wants(&chains[b], zone, "ANY", both(a, aaaa))
				hinted := chains[b]
				hinted.hints = hints("ipv4hint", "A", a) + hints("ipv6hint", "AAAA", aaaa)
				for _, qtype := range otherTypes {
					s.wants(&hinted, zone, qtype, "")
				}
			})
		}
	}
}

// both returns the answer to ANY, given those to A and AAAA: their CNAMEs and addresses,
// or what A is answered with if there are none.
func both(a, aaaa string) string {
	found := func(answer string) (rrs []string) {
		words := strings.Fields(answer)
		for i := 0; i+1 < len(words); i += 2 {
			switch words[i] {
			case "A", "AAAA", "CNAME", "DNAME":
				rrs = append(rrs, words[i]+" "+words[i+1])
			}
		}
		return rrs
	}
	rrs := found(a)
	for _, rr := range found(aaaa) {
		if !slices.Contains(rrs, rr) {
			rrs = append(rrs, rr)
		}
	}
	return cmp.Or(strings.Join(rrs, " "), a)
}

// hints returns a hint of an HTTPS record, with the addresses of an answer.
func hints(key, qtype, answer string) string {
	answer = strings.TrimSuffix(answer, " NS")
	addrs := strings.ReplaceAll(strings.TrimPrefix(answer, qtype+" "), " "+qtype+" ", ",")
	if !strings.HasPrefix(answer, qtype+" ") {
		return ""
	}
	return fmt.Sprintf(` %s="%s"`, key, addrs)
}

func stateZone(b, i int) string { return fmt.Sprintf("b%ds%d.test.", b, i) }

// wants queries the record's name in a zone. An empty want stands for the answer of the next plugins.
func (s *server) wants(c *nextChain, zone, qtype, want string) {
	s.Helper()
	ours := want != ""
	if !ours {
		want = c.answer(qtype, zone)
		want = strings.Replace(want, `alpn="h2"`, `alpn="h2"`+c.hints, 1)
	}
	m := s.query("aPp."+strings.ToUpper(zone), qtype)
	got := strings.ToLower(short(m))
	if got != strings.ToLower(want) {
		s.Errorf("%s: got %s, want %s", qtype, got, want)
	}
	if (ours || want == "NODATA SOA") && want != "SERVFAIL" && want != "REFUSED" && !m.Authoritative && c.name != "NODATA without SOA" {
		s.Errorf("%s: AA is not set", qtype)
	}
	for _, rr := range m.Answer {
		if ours && rr.Header().Ttl != 7 {
			s.Errorf("%s: TTL %d, want 7", qtype, rr.Header().Ttl)
		}
	}
	if want == "NODATA SOA" && len(m.Ns) == 1 {
		s.isSOA(c, zone, m.Ns[0].(*dns.SOA))
	}
}

// isSOA checks that soa is that of the plugin that must have made it.
func (s *server) isSOA(c *nextChain, zone string, soa *dns.SOA) {
	s.Helper()
	switch {
	case !strings.EqualFold(soa.Hdr.Name, zone):
		s.Errorf("the SOA is that of %s", soa.Hdr.Name)
	case c.soa == "file" && soa.Serial != 7, c.soa == "upstream" && soa.Serial != 8:
		s.Errorf("the SOA is not that of the %s: %s", c.soa, soa)
	case c.soa == "" && (soa.Ns != "ns.dns."+zone || soa.Mbox != "hostmaster."+zone || soa.Hdr.Ttl != 7 || soa.Minttl != 7):
		s.Errorf("the SOA is not the synthetic one: %s", soa)
	}
}
