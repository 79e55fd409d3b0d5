package answer

import (
	"slices"

	"github.com/miekg/dns"
)

// markPresent marks the targets that extra, an additional section, has addresses of:
// these are replaced, whatever leads to them.
func (ts targets) markPresent(extra []dns.RR) {
	for _, rr := range extra {
		if t := ts.owner(rr); t != nil {
			t.additional = true
		}
	}
}

// withAddresses returns extra, an additional section, with the current addresses of
// the marked targets. They come first, because a TSIG must be the last record.
func (ts targets) withAddresses(extra []dns.RR) []dns.RR {
	if !slices.ContainsFunc(ts, func(t target) bool { return t.additional }) {
		return extra
	}
	var c []dns.RR
	for _, t := range ts {
		if t.additional {
			for _, rr := range slices.Concat(t.V4, t.V6) {
				if !slices.ContainsFunc(c, func(o dns.RR) bool { return dns.IsDuplicate(o, rr) }) {
					c = append(c, rr) // both families may have the same CNAMEs
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

// owner returns the target that owns rr if rr is an address or a signature over
// addresses, else nil.
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
