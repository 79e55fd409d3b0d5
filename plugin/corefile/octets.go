package corefile

import "net/netip"

// A message has at most 64 KiB: maxOctets for addresses, the rest for the question, a
// signature and EDNS options. The owner name of each record is a compression pointer
// (RFC 1035, section 4.1.4).
const (
	maxOctets    = 64000
	octetsOfA    = 16
	octetsOfAAAA = 28
	wantOctets   = "expected no more than an answer of 64 KiB can carry, 4000 of IPv4 or 2285 of IPv6"
)

// octets returns the size of the A and AAAA records of the endpoints that are
// enabled and have an address in the Corefile. An answer to ANY has both.
func octets(endpoints []endpoint) (n int) {
	for _, e := range endpoints {
		switch {
		case e.disabled || e.lookedUp():
		case e.Addr.Is4():
			n += octetsOfA
		default:
			n += octetsOfAAAA
		}
	}
	return n
}

// octetsOfPools returns octets of all pools together. An address counts once.
func octetsOfPools(pools []*poolBlock) int {
	var all []endpoint
	seen := make(map[netip.Addr]bool)
	for _, p := range pools {
		for _, e := range p.endpoints {
			if !e.disabled && !seen[e.Addr] {
				seen[e.Addr] = true
				all = append(all, e)
			}
		}
	}
	return octets(all)
}
