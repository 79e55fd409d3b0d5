package test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/miekg/dns"
)

// A signedChain is a chain with dnssec, and what it answers that others do not.
type signedChain struct {
	name, config string
	// passed is A of the record that is the chain's when all pools are down.
	passed string
	// also are further queries.
	also map[string]string
}

var behindFile = map[string]string{
	"app.ZONE TXT":     "TXT t",
	"app.ZONE HTTPS":   "HTTPS 1 . alpn=h2",
	"www.ZONE A":       "CNAME x.apps.ZONE V4",
	"www.ZONE AAAA":    "CNAME x.apps.ZONE V6",
	"other.ZONE TXT":   "TXT o",
	"_x._tcp.ZONE SRV": "SRV 1 2 80 app.ZONE",
	"ZONE MX":          "MX 10 app.ZONE",
	"ZONE SOA":         "SOA ns.ZONE hostmaster.ZONE 7 7200 1800 86400 300",
}

var signedChains = []signedChain{
	{"nothing", "", "NODATA", map[string]string{"app.ZONE TXT": "NODATA", "app.ZONE HTTPS": "NODATA", "ZONE NS": "NS ns.dns.ZONE"}},
	{"file", "file $zone", "A 127.9.9.9", behindFile},
	{"file and cache", "cache 3600 {\nserve_stale\n}\nfile $zone", "A 127.9.9.9", behindFile},
	{"file, loadbalance and minimal", "loadbalance\nminimal\nfile $zone", "A 127.9.9.9", behindFile},
}

// signedQueries are asked of all of them. Denied names are NODATA: the plugin
// makes NSEC records on the spot that say so.
var signedQueries = map[string]string{
	"app.ZONE A":        "V4",
	"app.ZONE AAAA":     "V6",
	"x.apps.ZONE A":     "V4",
	"X.Y.apps.ZONE A":   "V4",
	"x.apps.ZONE AAAA":  "V6",
	"gone.ZONE A":       "GONE",
	"failed.ZONE A":     "FAILED",
	"passed.ZONE A":     "PASSED",
	"four.ZONE A":       "A FOUR",
	"four.ZONE AAAA":    "NODATA",
	"apps.ZONE A":       "NODATA",
	"apps.ZONE TXT":     "NODATA",
	"none.ZONE A":       "NODATA",
	"none.none.ZONE MX": "NODATA",
	"x.app.ZONE A":      "NODATA",
}

func init() {
	for _, qtype := range []string{"MX", "NS", "SOA", "DS", "CNAME", "SRV", "SVCB", "CAA", "PTR", "TLSA"} {
		signedQueries["app.ZONE "+qtype] = "NODATA"
		signedQueries["x.apps.ZONE "+qtype] = "NODATA"
	}
}

// Every answer in every state is one that a validating resolver vouches for, and
// so is every answer while states change.
func TestDNSSECInStates(t *testing.T) {
	t.Parallel()
	s := prepareStates(t)
	keys := make(map[string]*dns.DNSKEY)
	corefile := "metrics.test:$dns {\nbind $ip\nprometheus $ip:$metrics\n}\n"
	for i, c := range signedChains {
		zone := signedZone(i)
		keys[zone] = s.newKey(zone)
		corefile += fmt.Sprintf("%s:$dns {\nbind $ip\ndnssec {\nkey file %s\n}\n%s\n$records\n}\n", zone, s.vars["key"], c.config)
	}
	s.serve(corefile)
	r := newResolver(s.server, keys)
	s.enters(ok, len(signedChains))
	stop := r.vouchesForAll(s.server)
	for i, st := range states {
		s.enters(st, len(signedChains))
		for j := range signedChains {
			t.Run(fmt.Sprintf("%d %s/%s", i, st.name, signedChains[j].name), func(t *testing.T) {
				r.vouches(s.server.in(t), j, st)
				delvAgrees(s.server.in(t), j, st, keys[signedZone(j)])
			})
		}
	}
	stop()
}

func signedZone(i int) string { return fmt.Sprintf("s%d.example.net.", i) }

// queries are those of a chain and what is answered in a state, as words has it.
func (c *signedChain) queries(zone string, st state) map[string]string {
	st.gone, _, _ = strings.Cut(st.gone, " SOA")
	if !st.primary && !st.secondary {
		st.passed = c.passed
	}
	all := make(map[string]string)
	for _, queries := range []map[string]string{signedQueries, c.also} {
		for query, want := range queries {
			all[strings.ReplaceAll(query, "ZONE", zone)] = words(st.in(want, zone))
		}
	}
	return all
}

// vouches asks the resolver everything about a chain.
func (r *resolver) vouches(s *server, chain int, st state) {
	s.Helper()
	for query, want := range signedChains[chain].queries(signedZone(chain), st) {
		name, qtype, _ := strings.Cut(query, " ")
		ask := func() string { return r.validated(s, name, qtype) }
		if strings.HasPrefix(name, "failed.") {
			becomes(s.T, query, want, ask) // a SERVFAIL is kept for seconds, whatever we say
		} else if got := ask(); got != want {
			s.Errorf("%s: got %s, want %s", query, got, want)
		}
	}
}

// vouchesForAll asks the resolver until it is stopped. Each answer is that of one
// state.
func (r *resolver) vouchesForAll(s *server) (stop func()) {
	return always(s.T, func() {
		for i := range signedChains {
			zone := signedZone(i)
			var allowed []map[string]string
			for _, st := range []state{ok, failedOver, degraded} {
				allowed = append(allowed, signedChains[i].queries(zone, st))
			}
			for _, query := range []string{"app.ZONE A", "x.apps.ZONE AAAA", "gone.ZONE A", "four.ZONE AAAA", "none.ZONE A", "app.ZONE MX"} {
				query = strings.ReplaceAll(query, "ZONE", zone)
				name, qtype, _ := strings.Cut(query, " ")
				got := r.validated(s, name, qtype)
				if !slices.ContainsFunc(allowed, func(a map[string]string) bool { return a[query] == got }) {
					s.Errorf("%s: got %s in no state", query, got)
				}
			}
		}
	})
}
