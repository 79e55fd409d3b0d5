package answer

import (
	"slices"
	"strings"

	"github.com/miekg/dns"
)

// maxCNAMEs is how many CNAMEs are followed, more than resolvers do. It ends loops.
const maxCNAMEs = 16

// refreshCNAME returns m, an answer to A or AAAA. If its CNAMEs lead to a record's
// name, it returns m with the current addresses of that name: the next plugins may
// have followed the CNAMEs in their own data.
func refreshCNAME(m *dns.Msg, managed ManagedNames) *dns.Msg {
	name := m.Question[0].Name
	var passed []string
	for range maxCNAMEs {
		target := cnameTarget(name, m.Answer)
		if target == "" {
			break
		}
		passed, name = append(passed, name), target
		if a, ok := managed.Addresses(strings.ToLower(name)); ok {
			rrs := a.V4
			if m.Question[0].Qtype == dns.TypeAAAA {
				rrs = a.V6
			}
			return replaceTarget(m, passed, rrs, a.TTL)
		}
	}
	return m
}

// cnameTarget returns the target of the CNAME that name has in rrs, or "".
func cnameTarget(name string, rrs []dns.RR) string {
	for _, rr := range rrs {
		if c, ok := rr.(*dns.CNAME); ok && strings.EqualFold(c.Hdr.Name, name) {
			return c.Target
		}
	}
	return ""
}

// replaceTarget returns m with only the CNAMEs of passed, and with rrs, the addresses of
// the record's name to which they lead. There may be none.
func replaceTarget(m *dns.Msg, passed []string, rrs []dns.RR, ttl uint32) *dns.Msg {
	path := make([]dns.RR, 0, len(m.Answer)+len(rrs))
	var rest []dns.RR
	for _, rr := range m.Answer {
		if isOnPath(rr, passed) {
			path = append(path, rr)
		} else {
			rest = append(rest, rr)
		}
	}
	if m.Rcode == dns.RcodeSuccess && slices.EqualFunc(rest, rrs, isCurrent) {
		return m // the next plugins have looked the name up here
	}
	c := *m
	c.Rcode, c.AuthenticatedData = dns.RcodeSuccess, false
	c.Answer = append(path, rrs...)
	if len(rrs) > 0 && countSOA(m) > 0 {
		c.Ns = nil // it was for a negative answer
	}
	capTTLs(&c, ttl)
	return &c
}

// isOnPath reports whether rr is the CNAME of one of these names, the DNAME that it
// comes from, or a signature over either.
func isOnPath(rr dns.RR, names []string) bool {
	t := rr.Header().Rrtype
	if sig, ok := rr.(*dns.RRSIG); ok {
		t = sig.TypeCovered
	}
	return slices.ContainsFunc(names, func(name string) bool {
		return t == dns.TypeCNAME && strings.EqualFold(rr.Header().Name, name) ||
			t == dns.TypeDNAME && dns.IsSubDomain(rr.Header().Name, name)
	})
}

// isCurrent reports whether old is a duplicate of rr and its TTL is not higher.
func isCurrent(old, rr dns.RR) bool {
	return dns.IsDuplicate(old, rr) && old.Header().Ttl <= rr.Header().Ttl
}
