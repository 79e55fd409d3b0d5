package answer

import (
	"net"
	"slices"
	"strings"

	"github.com/miekg/dns"
)

// targetName is the TargetName of RFC 9460, where "." is the owner in
// ServiceMode, and in AliasMode nobody.
func targetName(rr *dns.SVCB) string {
	if rr.Target == "." && rr.Priority > 0 {
		return rr.Hdr.Name
	}
	return rr.Target
}

// inServiceMode reports whether rr has parameters: an alias has none.
func inServiceMode(rr *dns.SVCB) bool { return rr.Priority > 0 }

// withHints returns an answer with the hints of the links in its HTTPS and SVCB
// records, and without signatures over what has changed.
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

// breaks reports whether a signature is over a set that gets hints.
func (ts targets) invalidates(sig *dns.RRSIG, rrs []dns.RR) bool {
	return slices.ContainsFunc(rrs, func(rr dns.RR) bool {
		h := rr.Header()
		return h.Rrtype == sig.TypeCovered && strings.EqualFold(h.Name, sig.Hdr.Name) && ts.hintFor(rr) != nil
	})
}

// hintOf returns the link that rr gets hints of, or nil.
func (ts targets) hintFor(rr dns.RR) *target {
	if name, isHint, _ := targetOf(rr); isHint {
		return ts.find(name)
	}
	return nil
}

// withHint returns rr or, if it gets hints, a copy that shares the parameters that
// stay.
func (ts targets) withHint(rr dns.RR) dns.RR {
	to := ts.hintFor(rr)
	if to == nil {
		return rr
	}
	ttl := min(rr.Header().Ttl, ts.ttl()) // here, because it is copied anyway
	switch rr := rr.(type) {
	case *dns.SVCB:
		c := *rr
		c.Hdr.Ttl, c.Value = ttl, to.params(c.Value)
		return &c
	case *dns.HTTPS:
		c := *rr
		c.Hdr.Ttl, c.Value = ttl, to.params(c.Value)
		return &c
	}
	return rr
}

// addresses returns those of rrs that can stand in a hint: an IPv4 address in
// the form of IPv6 cannot be packed.
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
