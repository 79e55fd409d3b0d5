// Package policy picks, for each answer, among the healthy endpoints of the
// pool that answers. It takes no lock and writes into nothing that it is given.
package policy

import (
	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/plugin/pool"
)

// Pick returns the addresses of a family that one answer carries, in the order
// of the Corefile. They are the View's: never write into them.
//
// All and First differ in nothing but their default count, which is set when
// the Corefile is read: as many as there are, or one.
func Pick(s *pool.Set, qtype uint16) []dns.RR {
	rrs := s.Family(qtype).RRs
	n := len(rrs)
	if c := s.Policy.Count; c > 0 && c < n {
		n = c
	}
	return rrs[:n]
}
