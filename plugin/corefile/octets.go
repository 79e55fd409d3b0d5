package corefile

import "net/netip"

// An answer has 64 KiB at most, in which this much is left for its addresses: the
// rest is for the question, a signature and the options of EDNS. The owner of a
// record is compressed to a pointer (RFC 1035 4.1.4).
const (
	maxOctets  = 64000
	ofA        = 16
	ofAAAA     = 28
	wantOctets = "expected no more than an answer of 64 KiB can carry, 4000 of IPv4 or 2285 of IPv6"
)

// octets is how long the records of the enabled endpoints are whose addresses the
// Corefile has, both families together as ANY has them.
func octets(endpoints []endpoint) (n int) {
	for _, e := range endpoints {
		switch {
		case e.disabled || e.lookedUp():
		case e.Addr.Is4():
			n += ofA
		default:
			n += ofAAAA
		}
	}
	return n
}

// octetsOfAll is the same of all pools, where an address counts once.
func octetsOfAll(pools []*poolBlock) int {
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
