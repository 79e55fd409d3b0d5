// Package policy decides what one client gets: which of the pools that may
// answer, and which of its healthy endpoints. It takes no lock and writes into
// nothing that it is given.
package policy

import (
	"sync/atomic"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/plugin/pool"
)

// Pick returns the addresses of the family that qtype asks for that one answer
// for a client carries, in the order of the Corefile. They are the View's: never
// write into them.
//
// All and First differ in nothing but their default count, which is set when
// the Corefile is read: as many as there are, or one.
func Pick(s *pool.Set, qtype uint16, c Client) []dns.RR {
	f := s.Family(qtype)
	return pick(s.Policy, f, f.Rotation, c)
}

// PickLinked is Pick for an answer that leads to the name of the addresses. Such
// answers take turns among themselves: who asks for HTTPS asks for A as well, and
// with a common turn every other endpoint would only ever be a hint.
func PickLinked(s *pool.Set, qtype uint16, c Client) []dns.RR {
	f := s.Family(qtype)
	return pick(s.Policy, f, f.LinkedRotation, c)
}

func pick(p pool.Policy, f *pool.Family, turn *atomic.Uint64, c Client) []dns.RR {
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
		return roundRobin(f, turn, n)
	case pool.Weighted:
		return weighted(f, n)
	case pool.Hash:
		return hashed(f, n, c)
	default:
		return f.RRs[:n:n]
	}
}

// few is how many endpoints are picked without memory from the heap for more
// than the answer.
const few = 8

func one(rrs []dns.RR, i int) []dns.RR { return rrs[i : i+1 : i+1] }

// take returns those of rrs at some indices, which ascend.
func take(rrs []dns.RR, at []int) []dns.RR {
	taken := make([]dns.RR, len(at))
	for i, j := range at {
		taken[i] = rrs[j]
	}
	return taken
}

// insert puts i among indices that ascend.
func insert(at []int, i int) []int {
	at = append(at, i)
	for k := len(at) - 1; k > 0 && i < at[k-1]; k-- {
		at[k-1], at[k] = at[k], at[k-1]
	}
	return at
}
