package answer

import (
	"net"
	"slices"
	"strings"

	"github.com/miekg/dns"
)

// targetName returns the TargetName of rr (RFC 9460, section 2.5): "." is the owner in
// ServiceMode, and no service in AliasMode.
func targetName(rr *dns.SVCB) string {
	if rr.Target == "." && rr.Priority > 0 {
		return rr.Hdr.Name
	}
	return rr.Target
}

// inServiceMode reports whether rr is in ServiceMode. In AliasMode there are no
// parameters.
func inServiceMode(rr *dns.SVCB) bool { return rr.Priority > 0 }

// withHints returns rrs, an answer, with the targets' addresses as hints in its HTTPS
// and SVCB records, and without signatures over changed sets.
func (ts targets) withHints(rrs []dns.RR) []dns.RR {
	c := make([]dns.RR, 0, len(rrs))
	for _, rr := range rrs {
		if sig, ok := rr.(*dns.RRSIG); ok && ts.invalidates(sig, rrs) {
			continue
		}
		c = append(c, ts.withHint(rr))
	}
	return c
}

// invalidates reports whether withHints changes a record of the set under sig.
func (ts targets) invalidates(sig *dns.RRSIG, rrs []dns.RR) bool {
	return slices.ContainsFunc(rrs, func(rr dns.RR) bool {
		h := rr.Header()
		return h.Rrtype == sig.TypeCovered && strings.EqualFold(h.Name, sig.Hdr.Name) && ts.hintFor(rr) != nil
	})
}

// hintFor returns the target whose addresses are the hints of rr, or nil.
func (ts targets) hintFor(rr dns.RR) *target {
	if name, hint, _ := targetOf(rr); hint {
		return ts.find(name)
	}
	return nil
}

// withHint returns rr or, if it gets hints, a copy. The copy shares the parameters that
// stay.
func (ts targets) withHint(rr dns.RR) dns.RR {
	t := ts.hintFor(rr)
	if t == nil {
		return rr
	}
	ttl := min(rr.Header().Ttl, ts.ttl()) // saves Refresh a second copy
	switch rr := rr.(type) {
	case *dns.SVCB:
		c := *rr
		c.Hdr.Ttl, c.Value = ttl, t.params(c.Value)
		return &c
	case *dns.HTTPS:
		c := *rr
		c.Hdr.Ttl, c.Value = ttl, t.params(c.Value)
		return &c
	}
	return rr
}

// addresses returns the addresses in rrs that a hint can have: an IPv4-mapped IPv6
// address cannot be packed.
func addresses(rrs []dns.RR) []net.IP {
	ips := make([]net.IP, 0, len(rrs))
	for _, rr := range rrs {
		switch rr := rr.(type) {
		case *dns.A:
			if rr.A.To4() != nil {
				ips = append(ips, rr.A)
			}
		case *dns.AAAA:
			if len(rr.AAAA) == net.IPv6len && rr.AAAA.To4() == nil {
				ips = append(ips, rr.AAAA)
			}
		}
	}
	return ips
}
