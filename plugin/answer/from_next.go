package answer

import (
	"slices"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/plugin/rr"
)

// NextAddresses are the addresses that the next plugins gave for a name. The records
// may be shared.
type NextAddresses struct {
	Chain []dns.RR // the CNAMEs and DNAMEs that lead to the addresses
	Addrs []dns.RR
	Sigs  []dns.RR // over both
	Aging bool     // the records come from a cache: no TTL is above Left
	Left  uint32   // in seconds
}

// FromNext returns the answer to r with addresses of the next plugins. It has the
// signatures if r has DO.
func FromNext(r *dns.Msg, a NextAddresses) *dns.Msg {
	m := newReply(r)
	m.Answer = slices.Concat(a.Chain, a.Addrs)
	if opt := r.IsEdns0(); opt != nil && opt.Do() {
		m.Answer = append(m.Answer, a.Sigs...)
	}
	if a.Aging {
		m.Answer = rr.CapTTLs(m.Answer, a.Left)
	}
	return &m.Msg
}

// NegativeFromNext returns the answer to r with negative, a negative answer of the next
// plugins to another query. It has the DNSSEC records if r has DO. No TTL is above ttl.
func NegativeFromNext(r, negative *dns.Msg, ttl uint32) *dns.Msg {
	m := newReply(r)
	m.Rcode = negative.Rcode
	m.Answer, m.Ns = slices.Clone(negative.Answer), slices.Clone(negative.Ns)
	if opt := r.IsEdns0(); opt == nil || !opt.Do() {
		m.Answer, m.Ns = slices.DeleteFunc(m.Answer, isProof), slices.DeleteFunc(m.Ns, isProof)
	}
	capTTLs(&m.Msg, ttl)
	return &m.Msg
}

// Authoritative returns m, a reply of the next plugins about a record's name, with AA if
// it is no error. No TTL is above ttl.
func Authoritative(m *dns.Msg, ttl uint32) *dns.Msg {
	c := *m
	c.Authoritative = m.Authoritative || m.Rcode == dns.RcodeSuccess
	capTTLs(&c, ttl)
	return &c
}

// WithAge returns copies of rrs with TTLs that are seconds lower. It leaves out an OPT.
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

// Unsigned returns rrs without RRSIG, NSEC and NSEC3 records.
func Unsigned(rrs []dns.RR) []dns.RR {
	return slices.DeleteFunc(slices.Clone(rrs), isProof)
}

// isProof reports whether rr belongs only in answers to queries with DO (RFC 4035,
// section 3.2.1).
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

// capTTLs lowers the TTLs of m to ttl at most. It changes m, but none of its records.
func capTTLs(m *dns.Msg, ttl uint32) {
	m.Answer, m.Ns, m.Extra = rr.CapTTLs(m.Answer, ttl), rr.CapTTLs(m.Ns, ttl), rr.CapTTLs(m.Extra, ttl)
}
