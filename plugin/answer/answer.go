package answer

import (
	"slices"

	"github.com/miekg/dns"
)

// Records returns the answer to r with rrs, which may be shared.
func Records(r *dns.Msg, rrs []dns.RR) *dns.Msg {
	m := newReply(r)
	m.Answer = m.section(rrs)
	return &m.Msg
}

// ServFail returns the answer to r with SERVFAIL.
func ServFail(r *dns.Msg) *dns.Msg {
	return new(dns.Msg).SetRcode(r, dns.RcodeServerFailure)
}

// NoData returns the answer to r with NOERROR and soa (RFC 2308, section 2.2).
func NoData(r *dns.Msg, soa dns.RR) *dns.Msg {
	m := newReply(r)
	m.Ns = m.section([]dns.RR{soa})
	return &m.Msg
}

// A reply is a message in one allocation with its question and up to four records,
// because three allocations take longer than the rest of an answer.
type reply struct {
	dns.Msg
	question [1]dns.Question
	records  [4]dns.RR
}

// newReply returns an empty reply to r, which has one question. It differs from
// [dns.Msg.SetReply] in AA, and in its allocation.
func newReply(r *dns.Msg) *reply {
	m := new(reply)
	m.Id, m.RecursionDesired, m.CheckingDisabled = r.Id, r.RecursionDesired, r.CheckingDisabled
	m.Response, m.Authoritative = true, true
	m.question[0] = r.Question[0]
	m.Question = m.question[:]
	return m
}

// section returns a copy of rrs, with its capacity clipped. It may be called once
// per reply.
func (r *reply) section(rrs []dns.RR) []dns.RR {
	if len(rrs) > len(r.records) {
		return slices.Clone(rrs)
	}
	n := copy(r.records[:], rrs)
	return r.records[:n:n]
}
