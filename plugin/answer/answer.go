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
	m := reply(r)
	m.Answer = slices.Clone(rrs)
	return m
}

// NoData answers r with NOERROR and the SOA that RFC 2308, section 2.2, wants.
func NoData(r *dns.Msg, soa dns.RR) *dns.Msg {
	m := reply(r)
	m.Ns = []dns.RR{soa}
	return m
}

func reply(r *dns.Msg) *dns.Msg {
	m := new(dns.Msg)
	m.SetReply(r)
	m.Authoritative = true
	return m
}

// At returns copies of rrs that are owned by name, for the records of a wildcard.
func At(name string, rrs []dns.RR) []dns.RR {
	at := make([]dns.RR, len(rrs))
	for i, rr := range rrs {
		at[i] = dns.Copy(rr)
		at[i].Header().Name = name
	}
	return at
}

// Capped returns rr if its TTL is at most ttl, else a copy with that TTL.
func Capped(rr dns.RR, ttl uint32) dns.RR {
	if rr.Header().Ttl <= ttl {
		return rr
	}
	c := dns.Copy(rr)
	c.Header().Ttl = ttl
	return c
}
