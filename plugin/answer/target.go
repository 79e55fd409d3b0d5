package answer

import (
	"slices"
	"strings"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/plugin/rr"
)

// WithTarget returns m, a reply to r with a CNAME, completed by target, the
// answer for the CNAME's target: with its records, its rcode, the proof that there
// is nothing, and its Extended DNS Errors (RFC 6604, section 3), for ttl at most.
func WithTarget(m, target, r *dns.Msg, ttl uint32) *dns.Msg {
	c := *m
	c.Answer = slices.Concat(m.Answer, rr.CapTTLs(target.Answer, ttl))
	c.Ns = rr.CapTTLs(denial(target), ttl)
	c.Rcode, c.Truncated = target.Rcode, target.Truncated
	return withErrors(&c, target, r)
}

// ReplaceFrom returns m, a reply to r whose CNAMEs lead to name, with last, the
// answer for name, in place of all that m says of it, for ttl at most. Addresses
// in m stay, which are those of now (followed.go).
func ReplaceFrom(m *dns.Msg, name string, last, r *dns.Msg, ttl uint32) *dns.Msg {
	c := *m
	c.AuthenticatedData = false
	if !rr.IsAddress(r.Question[0].Qtype) || !HasAnswer(m) {
		c.Answer, c.Extra = pathTo(name, m), filter(m.Extra, isOPT)
		c = *WithTarget(&c, last, r, ttl)
	} else {
		c = *withErrors(&c, last, r)
	}
	c.Answer, c.Ns, c.Extra = rr.CapTTLs(c.Answer, ttl), rr.CapTTLs(c.Ns, ttl), rr.CapTTLs(c.Extra, ttl)
	return &c
}

// HasAnswer reports whether m has a record of the type that was asked for.
func HasAnswer(m *dns.Msg) bool {
	return rr.HasType(m.Answer, m.Question[0].Qtype)
}

// CNAMETargets returns the names to which the CNAMEs in m lead from the name asked for,
// in lower case.
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

// wayTo returns the records of m that lead to name.
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

// denial returns what m says in its authority section to prove what is not there:
// a SOA, and NSEC and NSEC3 records. A referral has none.
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

// IsCircular reports whether aliases among rrs lead back to one of them, so that
// none of them leads anywhere. A name has one alias at most.
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
