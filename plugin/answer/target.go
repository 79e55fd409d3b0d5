package answer

import (
	"slices"
	"strings"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/plugin/rr"
)

// WithTarget returns m, a reply to r with a CNAME, completed by target, the answer for
// the CNAME's target: with its records, its rcode (RFC 6604, section 3), its SOA and
// denial of existence, and its Extended DNS Errors. No TTL of these is above ttl.
func WithTarget(m, target, r *dns.Msg, ttl uint32) *dns.Msg {
	c := *m
	c.Answer = slices.Concat(m.Answer, rr.CapTTLs(target.Answer, ttl))
	c.Ns = rr.CapTTLs(denial(target), ttl)
	c.Rcode, c.Truncated = target.Rcode, target.Truncated
	return withErrors(&c, target, r)
}

// ReplaceFrom returns m, a reply to r whose CNAMEs lead to name, with target, the answer
// for name, instead of everything that m says of name. No TTL is above ttl. Addresses in
// m stay: Refresh has replaced them.
func ReplaceFrom(m *dns.Msg, name string, target, r *dns.Msg, ttl uint32) *dns.Msg {
	c := *m
	c.AuthenticatedData = false
	if !rr.IsAddress(r.Question[0].Qtype) || !HasAnswer(m) {
		c.Answer, c.Extra = pathTo(name, m), filter(m.Extra, isOPT)
		c = *WithTarget(&c, target, r, ttl)
	} else {
		c = *withErrors(&c, target, r)
	}
	capTTLs(&c, ttl)
	return &c
}

// HasAnswer reports whether m has a record of the type that was asked for.
func HasAnswer(m *dns.Msg) bool {
	return rr.HasType(m.Answer, m.Question[0].Qtype)
}

// CNAMETargets returns the targets of the CNAMEs in m, from the name in its question
// on, in lower case.
func CNAMETargets(m *dns.Msg) (names []string) {
	name := m.Question[0].Name
	for range maxCNAMEs {
		if name = cnameTarget(name, m.Answer); name == "" {
			break
		}
		names = append(names, strings.ToLower(name))
	}
	return names
}

// pathTo returns the records in the answer of m that lead to name.
func pathTo(name string, m *dns.Msg) []dns.RR {
	passed := []string{m.Question[0].Name}
	for _, target := range CNAMETargets(m) {
		if target == name {
			break
		}
		passed = append(passed, target)
	}
	return filter(m.Answer, func(rr dns.RR) bool { return isOnPath(rr, passed) })
}

// denial returns the SOA and the denial of existence in the authority section of m:
// NSEC and NSEC3 records. A referral has none.
func denial(m *dns.Msg) []dns.RR {
	if isReferral(m) {
		return nil
	}
	return filter(m.Ns, func(rr dns.RR) bool {
		t := rr.Header().Rrtype
		if sig, ok := rr.(*dns.RRSIG); ok {
			t = sig.TypeCovered
		}
		return t == dns.TypeSOA || t == dns.TypeNSEC || t == dns.TypeNSEC3
	})
}

// IsCircular reports whether CNAMEs in rrs form a loop. Each name has at most one.
func IsCircular(rrs []dns.RR) bool {
	target := make(map[string]string)
	for _, rr := range rrs {
		if c, ok := rr.(*dns.CNAME); ok {
			target[strings.ToLower(c.Hdr.Name)] = strings.ToLower(c.Target)
		}
	}
	for name := range target {
		steps := 0
		for at, ok := name, true; ok; steps++ {
			if steps > len(target) {
				return true
			}
			at, ok = target[at]
		}
	}
	return false
}
