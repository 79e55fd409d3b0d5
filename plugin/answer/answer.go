// Package answer makes replies: from addresses, or from what a plugin behind
// replied.
//
// The message is a fresh one for every reply, because some transports keep it,
// and so are its sections, because some plugins sort them. The records in them
// are shared by all replies, as those of CoreDNS's own plugins are.
package answer

import (
	"slices"
	"strings"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/plugin/rr"
)

// Records answers r with rrs, which may be shared.
func Records(r *dns.Msg, rrs []dns.RR) *dns.Msg {
	m := newReply(r)
	m.Answer = m.section(rrs)
	return &m.Msg
}

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

// Unsigned returns rrs without signatures.
func Unsigned(rrs []dns.RR) []dns.RR {
	return filter(rrs, func(rr dns.RR) bool { return !isProof(rr) })
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

// Authoritative returns what others say of a name that is ours to answer for: with AA, but
// for errors, and with no TTL above ttl.
func Authoritative(m *dns.Msg, ttl uint32) *dns.Msg {
	c := *m
	c.Authoritative = m.Authoritative || m.Rcode == dns.RcodeSuccess
	c.Answer, c.Ns, c.Extra = rr.CapTTLs(m.Answer, ttl), rr.CapTTLs(m.Ns, ttl), rr.CapTTLs(m.Extra, ttl)
	return &c
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

// WithError returns m, a reply to r, with the Extended DNS Error 0 of RFC 8914 if
// the client speaks EDNS.
func WithError(m, r *dns.Msg, text string) *dns.Msg {
	if r.IsEdns0() == nil {
		return m
	}
	return withOption(m, &dns.EDNS0_EDE{InfoCode: dns.ExtendedErrorCodeOther, ExtraText: text})
}

// WithSubnet returns m with the client subnet of the query: its scope is that of
// the source prefix if the answer is for these clients alone, as m may say already,
// else all (RFC 7871, section 7.2.1).
func WithSubnet(m *dns.Msg, ecs *dns.EDNS0_SUBNET, scoped bool) *dns.Msg {
	o := *ecs
	o.SourceScope = 0
	if scoped || IsScoped(m) {
		o.SourceScope = o.SourceNetmask
	}
	return withOption(m, &o)
}

// IsScoped reports whether m says that it is for a client subnet alone.
func IsScoped(m *dns.Msg) bool {
	opt := m.IsEdns0()
	return opt != nil && slices.ContainsFunc(opt.Option, func(o dns.EDNS0) bool {
		ecs, ok := o.(*dns.EDNS0_SUBNET)
		return ok && ecs.SourceScope > 0
	})
}

// withOption returns m with an EDNS option. The server fills in the rest of the
// OPT.
func withOption(m *dns.Msg, o dns.EDNS0) *dns.Msg {
	c := *m
	opt := &dns.OPT{Hdr: dns.RR_Header{Name: ".", Rrtype: dns.TypeOPT}}
	c.Extra = nil
	for _, rr := range m.Extra {
		if was, ok := rr.(*dns.OPT); ok {
			opt.Hdr = was.Hdr
			opt.Option = slices.DeleteFunc(slices.Clone(was.Option), func(p dns.EDNS0) bool { return replaces(o, p) })
		} else {
			c.Extra = append(c.Extra, rr)
		}
	}
	opt.Option = append(opt.Option, o)
	c.Extra = append(c.Extra, opt)
	return &c
}

// replaces reports whether an option takes the place of another. There is one
// client subnet at most; errors add up.
func replaces(o, other dns.EDNS0) bool {
	return o.Option() == dns.EDNS0SUBNET && other.Option() == dns.EDNS0SUBNET
}

// ServFail answers r with SERVFAIL.
func ServFail(r *dns.Msg) *dns.Msg {
	m := new(dns.Msg)
	m.SetRcode(r, dns.RcodeServerFailure)
	return m
}

// NoData answers r with NOERROR and the SOA that RFC 2308, section 2.2, wants.
func NoData(r *dns.Msg, soa dns.RR) *dns.Msg {
	m := newReply(r)
	m.Ns = m.section([]dns.RR{soa})
	return &m.Msg
}

// A reply is a message in one piece of memory with what nearly all of ours have
// in it: to get three pieces takes longer than all else that an answer needs.
type reply struct {
	dns.Msg
	question [1]dns.Question
	records  [4]dns.RR
}

// newReply returns an empty reply to r, which is a query with one question.
func newReply(r *dns.Msg) *reply {
	m := new(reply)
	m.Id, m.RecursionDesired, m.CheckingDisabled = r.Id, r.RecursionDesired, r.CheckingDisabled
	m.Response, m.Authoritative = true, true
	m.question[0] = r.Question[0]
	m.Question = m.question[:]
	return m
}

// section returns a copy of rrs to be the only section of m, without room for
// more.
func (r *reply) section(rrs []dns.RR) []dns.RR {
	if len(rrs) > len(r.records) {
		return slices.Clone(rrs)
	}
	n := copy(r.records[:], rrs)
	return r.records[:n:n]
}
