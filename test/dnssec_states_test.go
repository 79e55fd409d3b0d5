package test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/miekg/dns"
)

// A validating resolver accepts every answer in every state, and every answer while
// states change.
func TestDNSSECInStates(t *testing.T) {
	t.Parallel()
	s := prepareStates(t)
	keys := make(map[string]*dns.DNSKEY)
	corefile := "metrics.test:$dns {\nbind $ip\nprometheus $ip:$metrics\n}\n"
	for i, c := range signedChains {
		zone := signedZone(i)
		keys[zone] = s.newKey(zone)
		recs := s.ours()
		if c.config != "" {
			recs = s.records(zone)
		}
		corefile += fmt.Sprintf("%s:$dns {\nbind $ip\ndnssec {\nkey file %s\n}\n%s\n%s\n}\n", zone, s.vars["key"], c.config, recs)
	}
	s.serve(corefile)
	r := newResolver(s.server, keys)
	blocks := len(signedChains)
	total := (blocks-1)*recordsOfStates + recordsOfOurs
	s.enters(ok, blocks, total)
	stop := r.validatesAlways(s)
	for i, st := range states {
		s.enters(st, blocks, total)
		for j := range signedChains {
			t.Run(fmt.Sprintf("%d %s/%s", i, st.name, signedChains[j].name), func(t *testing.T) {
				r.validatesAll(s.within(t), j, st)
				delvAgrees(s.within(t), j, st, keys[signedZone(j)])
			})
		}
	}
	stop()
}

func signedZone(i int) string { return fmt.Sprintf("s%d.example.net.", i) }

// validatesAll sends the resolver all queries of a chain, until it answers as the state wants.
func (r *resolver) validatesAll(s statesStory, chain int, st state) {
	s.Helper()
	for query, want := range signedChains[chain].queries(s, signedZone(chain), st) {
		name, qtype, _ := strings.Cut(query, " ")
		// A resolver keeps an answer for the rest of a second, and a SERVFAIL for some
		// seconds, whatever the TTL is.
		becomes(s.T, query, want, func() string { return r.validated(s.server, name, qtype) })
	}
}

// validatesAlways sends queries to the resolver until stop is called. Each answer must be that of one state.
func (r *resolver) validatesAlways(s statesStory) (stop func()) {
	return always(s.T, func() {
		for i := range signedChains {
			zone := signedZone(i)
			var allowed []map[string]string
			for _, st := range []state{ok, failedOver, degraded} {
				allowed = append(allowed, signedChains[i].queries(s, zone, st))
			}
			for _, query := range []string{"app.ZONE A", "x.apps.ZONE AAAA", "gone.ZONE A", "four.ZONE AAAA", "none.ZONE A", "app.ZONE MX", "chain.ZONE A", "alias.ZONE TXT"} {
				query = strings.ReplaceAll(query, "ZONE", zone)
				if _, ok := allowed[0][query]; !ok {
					continue
				}
				name, qtype, _ := strings.Cut(query, " ")
				got := r.validated(s.server, name, qtype)
				if !slices.ContainsFunc(allowed, func(a map[string]string) bool { return a[query] == got }) {
					s.Errorf("%s: got %s in no state", query, got)
				}
			}
		}
	})
}
