package answer

import (
	"slices"
	"strings"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/plugin/rr"
)

// maxAliases is how many are followed, more than resolvers do. It ends loops.
const maxCNAMEs = 16

// followed returns m or, if its aliases lead to a record's name, what they lead
// to now: plugins that know the name too follow them in their own data.
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

// aliasOf returns the name that another is an alias of, or "".
func cnameTarget(name string, rrs []dns.RR) string {
	for _, rr := range rrs {
		if c, ok := rr.(*dns.CNAME); ok && strings.EqualFold(c.Hdr.Name, name) {
			return c.Target
		}
	}
	return ""
}

// ledTo returns m with the aliases on the way to a record's name, and the
// addresses that it has, which may be none.
func replaceTarget(m *dns.Msg, passed []string, rrs []dns.RR, ttl uint32) *dns.Msg {
	way := make([]dns.RR, 0, len(m.Answer)+len(rrs))
	var had []dns.RR
	for _, rr := range m.Answer {
		if isOnPath(rr, passed) {
			way = append(way, rr)
		} else {
			had = append(had, rr)
		}
	}
	if m.Rcode == dns.RcodeSuccess && slices.EqualFunc(had, rrs, isCurrent) {
		return m // it was asked through us
	}
	c := *m
	c.Rcode, c.AuthenticatedData = dns.RcodeSuccess, false
	c.Answer = append(way, rrs...)
	if len(rrs) > 0 && countSOA(m) > 0 {
		c.Ns = nil // which said that there is nothing
	}
	c.Answer, c.Ns, c.Extra = rr.CapTTLs(c.Answer, ttl), rr.CapTTLs(c.Ns, ttl), rr.CapTTLs(c.Extra, ttl)
	return &c
}

// isOnTheWay reports whether rr is one of the aliases of these names, or where
// one comes from, or a signature over that.
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

// isAsGood reports whether had is rr, and kept for no longer.
func isCurrent(had, rr dns.RR) bool {
	return dns.IsDuplicate(had, rr) && had.Header().Ttl <= rr.Header().Ttl
}
