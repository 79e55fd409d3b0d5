package answer

import (
	"slices"

	"github.com/miekg/dns"
)

// Any answers r, which asks for ANY, with the answers to A and AAAA (RFC 8482),
// either of which may be nil. Where neither has an address it is the first of them,
// or nil.
func Any(r, v4, v6 *dns.Msg) *dns.Msg {
	var m dns.Msg
	var rrs []dns.RR
	for _, said := range []*dns.Msg{v6, v4} {
		if said != nil && (len(rrs) == 0 || len(said.Answer) > 0) {
			m = *said
			rrs = union(said.Answer, rrs)
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

// merged returns two answers about a name, whose aliases may be the same.
func union(rrs, more []dns.RR) []dns.RR {
	all := slices.Clone(rrs)
	for _, rr := range more {
		if !slices.ContainsFunc(rrs, func(o dns.RR) bool { return dns.IsDuplicate(o, rr) }) {
			all = append(all, rr)
		}
	}
	return all
}
