package answer

import (
	"slices"

	"github.com/miekg/dns"
)

// addPresent notes whose addresses stand in an additional section already:
// whatever leads to them, they are not to be older than those of now.
func (l links) addPresent(extra []dns.RR) {
	for _, rr := range extra {
		if to := l.ofAddresses(rr); to != nil {
			to.added = true
		}
	}
}

// withAddresses returns an additional section with the addresses of the links
// instead of those that it has of them. They stand in front, because a TSIG has
// to stay the last.
func (l links) withAddresses(extra []dns.RR) []dns.RR {
	if !slices.ContainsFunc(l, func(to link) bool { return to.added }) {
		return extra
	}
	var c []dns.RR
	for _, to := range l {
		if to.added {
			for _, rr := range slices.Concat(to.V4, to.V6) {
				if !slices.ContainsFunc(c, func(o dns.RR) bool { return dns.IsDuplicate(o, rr) }) {
					c = append(c, rr) // both families have the same aliases
				}
			}
		}
	}
	for _, rr := range extra {
		if l.ofAddresses(rr) == nil {
			c = append(c, rr)
		}
	}
	return c
}

// ofAddresses returns the link whose addresses rr belongs to, as one of them or
// as their signature, or nil.
func (l links) ofAddresses(rr dns.RR) *link {
	t := rr.Header().Rrtype
	if sig, ok := rr.(*dns.RRSIG); ok {
		t = sig.TypeCovered
	}
	if t != dns.TypeA && t != dns.TypeAAAA {
		return nil
	}
	return l.find(rr.Header().Name)
}
