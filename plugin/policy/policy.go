// Package policy decides the answer for one client: which pool of a View answers
// ([Chooser.Pool]), and which of its endpoints the answer carries ([Pick]). It takes no
// lock and changes nothing that it is given.
package policy

import (
	"sync/atomic"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/plugin/pool"
)

// Pick returns the records of the family of qtype that one answer for a client carries,
// in the order of the Corefile. They belong to the View: never write into them.
//
// All and First differ only in their default count, which is set when the Corefile is
// read: all endpoints, or one.
func Pick(s *pool.Set, qtype uint16, c Client) []dns.RR {
	f := s.Family(qtype)
	return pick(s.Policy, f, f.Rotation, c)
}

// PickLinked is Pick for an answer that points to the name of the addresses, such as HTTPS.
// Such answers have a rotation of their own: clients ask for HTTPS and for A, and with a
// common rotation every other endpoint would only ever be a hint.
func PickLinked(s *pool.Set, qtype uint16, c Client) []dns.RR {
	f := s.Family(qtype)
	return pick(s.Policy, f, f.LinkedRotation, c)
}

func pick(p pool.Policy, f *pool.Family, rotation *atomic.Uint64, c Client) []dns.RR {
	n := len(f.RRs)
	if p.Count > 0 {
		n = min(n, p.Count)
	}
	if n == len(f.RRs) {
		return f.RRs[:n:n]
	}
	switch p.Kind {
	case pool.Random:
		return random(f.RRs, n)
	case pool.RoundRobin:
		return roundRobin(f, rotation, n)
	case pool.Weighted:
		return weighted(f, n)
	case pool.Hash:
		return hashed(f, n, c)
	default:
		return f.RRs[:n:n]
	}
}

// few is the number of picked endpoints up to which only the answer is allocated.
const few = 8

func one(rrs []dns.RR, i int) []dns.RR { return rrs[i : i+1 : i+1] }

// take returns the records at ascending indices.
func take(rrs []dns.RR, at []int) []dns.RR {
	taken := make([]dns.RR, len(at))
	for i, j := range at {
		taken[i] = rrs[j]
	}
	return taken
}

// insert inserts i into ascending indices.
func insert(at []int, i int) []int {
	at = append(at, i)
	for k := len(at) - 1; k > 0 && i < at[k-1]; k-- {
		at[k-1], at[k] = at[k], at[k-1]
	}
	return at
}
