// Package answer makes replies: from addresses, or from what a plugin behind
// replied.
//
// The message is a fresh one for every reply, because some transports keep it,
// and so are its sections, because some plugins sort them. The records in them
// are shared by all replies, as those of CoreDNS's own plugins are.
package answer

import (
	"slices"

	"github.com/miekg/dns"
)

// Records answers r with rrs, which may be shared.
func Records(r *dns.Msg, rrs []dns.RR) *dns.Msg {
	m := newReply(r)
	m.Answer = m.section(rrs)
	return &m.Msg
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
