package answer

import (
	"slices"

	"github.com/miekg/dns"
)

// Any returns the answer to r, which asks for ANY, from the answers to A and AAAA
// (RFC 8482). Each of them may be nil. If neither has an address, it returns the first
// that is not nil, or nil.
func Any(r, v4, v6 *dns.Msg) *dns.Msg {
	var m dns.Msg
	var rrs []dns.RR
	for _, family := range []*dns.Msg{v6, v4} {
		if family != nil && (len(rrs) == 0 || len(family.Answer) > 0) {
			m = *family
			rrs = union(family.Answer, rrs)
		}
	}
	if m.Question == nil {
		return nil
	}
	m.Id, m.Question, m.Answer = r.Id, r.Question, rrs
	if len(rrs) > 0 {
		m.Ns, m.Extra = nil, nil
	}
	return &m
}

// union returns rrs and those of more that rrs does not have: both families may have
// the same CNAMEs. [dns.Dedup] would change the records, which are shared.
func union(rrs, more []dns.RR) []dns.RR {
	all := slices.Clone(rrs)
	for _, rr := range more {
		if !slices.ContainsFunc(rrs, func(o dns.RR) bool { return dns.IsDuplicate(o, rr) }) {
			all = append(all, rr)
		}
	}
	return all
}
