package answer

import (
	"slices"

	"github.com/miekg/dns"
)

// addPresent notes whose addresses stand in an additional section already:
// whatever leads to them, they are not to be older than those of now.
func (ts targets) markPresent(extra []dns.RR) {
	for _, rr := range extra {
		if to := ts.owner(rr); to != nil {
			to.additional = true
		}
	}
}

// withAddresses returns an additional section with the addresses of the links
// instead of those that it has of them. They stand in front, because a TSIG has
// to stay the last.
func (ts targets) withAddresses(extra []dns.RR) []dns.RR {
	if !slices.ContainsFunc(ts, func(to target) bool { return to.additional }) {
		return extra
	}
	var c []dns.RR
	for _, to := range ts {
		if to.additional {
			for _, rr := range slices.Concat(to.V4, to.V6) {
				if !slices.ContainsFunc(c, func(o dns.RR) bool { return dns.IsDuplicate(o, rr) }) {
					c = append(c, rr) // both families have the same aliases
				}
			}
		}
	}
	for _, rr := range extra {
		if ts.owner(rr) == nil {
			c = append(c, rr)
		}
	}
	return c
}

// ofAddresses returns the link whose addresses rr belongs to, as one of them or
// as their signature, or nil.
func (ts targets) owner(rr dns.RR) *target {
	t := rr.Header().Rrtype
	if sig, ok := rr.(*dns.RRSIG); ok {
		t = sig.TypeCovered
	}
	if t != dns.TypeA && t != dns.TypeAAAA {
		return nil
	}
	return ts.find(rr.Header().Name)
}
