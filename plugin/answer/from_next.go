package answer

import (
	"slices"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/plugin/rr"
)

// A NextAddresses is what somebody else says of a name's addresses: the aliases that
// lead to them, the addresses, and signatures over both. All of it may be shared.
type NextAddresses struct {
	Chain, Addrs, Sigs []dns.RR
	// Aging says that it is a copy, of which the TTLs are Left at most.
	Aging bool
	Left  uint32
}

// FromNext answers r with what somebody else says, of a name that is ours to
// answer for; the signatures are left out unless r asks for them.
func FromNext(r *dns.Msg, o NextAddresses) *dns.Msg {
	m := newReply(r)
	m.Answer = slices.Concat(o.Chain, o.Addrs)
	if opt := r.IsEdns0(); opt != nil && opt.Do() {
		m.Answer = append(m.Answer, o.Sigs...)
	}
	if o.Aging {
		m.Answer = rr.CapTTLs(m.Answer, o.Left)
	}
	return &m.Msg
}

// NegativeFromNext answers r with the negative answer of somebody else, which
// was given to another query: without what only proves it, unless r asks for
// that, and for ttl at most.
func NegativeFromNext(r, negative *dns.Msg, ttl uint32) *dns.Msg {
	m := newReply(r)
	m.Rcode = negative.Rcode
	keep := func(rr dns.RR) bool { return true }
	if opt := r.IsEdns0(); opt == nil || !opt.Do() {
		keep = func(rr dns.RR) bool { return !isProof(rr) }
	}
	m.Answer = rr.CapTTLs(filter(negative.Answer, keep), ttl)
	m.Ns = rr.CapTTLs(filter(negative.Ns, keep), ttl)
	return &m.Msg
}

// Authoritative returns what others say of a name that is ours to answer for: with AA, but
// for errors, and with no TTL above ttl.
func Authoritative(m *dns.Msg, ttl uint32) *dns.Msg {
	c := *m
	c.Authoritative = m.Authoritative || m.Rcode == dns.RcodeSuccess
	c.Answer, c.Ns, c.Extra = rr.CapTTLs(m.Answer, ttl), rr.CapTTLs(m.Ns, ttl), rr.CapTTLs(m.Extra, ttl)
	return &c
}

// WithAge returns copies of rrs, without an OPT, as they are after so many seconds.
func WithAge(rrs []dns.RR, seconds uint32) []dns.RR {
	aged := make([]dns.RR, 0, len(rrs))
	for _, rr := range rrs {
		if rr.Header().Rrtype != dns.TypeOPT {
			c := dns.Copy(rr)
			c.Header().Ttl -= min(seconds, c.Header().Ttl)
			aged = append(aged, c)
		}
	}
	return aged
}

// Unsigned returns rrs without signatures.
func Unsigned(rrs []dns.RR) []dns.RR {
	return filter(rrs, func(rr dns.RR) bool { return !isProof(rr) })
}

// isProof recognises what RFC 4035, section 3.2.1, leaves out of answers for who
// does not ask for it.
func isProof(rr dns.RR) bool {
	switch rr.Header().Rrtype {
	case dns.TypeRRSIG, dns.TypeNSEC, dns.TypeNSEC3:
		return true
	}
	return false
}

func filter(rrs []dns.RR, keep func(dns.RR) bool) (kept []dns.RR) {
	for _, rr := range rrs {
		if keep(rr) {
			kept = append(kept, rr)
		}
	}
	return kept
}
