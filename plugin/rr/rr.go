// Package rr has functions on single records. Records are shared by answers and by the
// plugins that gave them: the functions return copies and change no record.
package rr

import (
	"net/netip"
	"slices"

	"github.com/miekg/dns"
)

// IsAddress reports whether qtype is A or AAAA.
func IsAddress(qtype uint16) bool { return qtype == dns.TypeA || qtype == dns.TypeAAAA }

// NewAddress returns the A or AAAA record of name with addr.
func NewAddress(name string, addr netip.Addr, ttl uint32) dns.RR {
	h := dns.RR_Header{Name: name, Class: dns.ClassINET, Ttl: ttl}
	if addr.Is4() {
		h.Rrtype = dns.TypeA
		return &dns.A{Hdr: h, A: addr.AsSlice()}
	}
	h.Rrtype = dns.TypeAAAA
	return &dns.AAAA{Hdr: h, AAAA: addr.AsSlice()}
}

// Addr returns the address in an A or AAAA record. ok is false for other records.
func Addr(rr dns.RR) (a netip.Addr, ok bool) {
	switch rr := rr.(type) {
	case *dns.A:
		return netip.AddrFromSlice(rr.A.To4())
	case *dns.AAAA:
		return netip.AddrFromSlice(rr.AAAA.To16())
	}
	return a, false
}

// HasType reports whether one of rrs has the type t.
func HasType(rrs []dns.RR, t uint16) bool {
	return slices.ContainsFunc(rrs, func(rr dns.RR) bool { return rr.Header().Rrtype == t })
}

// WithOwner returns copies of rrs with the owner name, for the records of a wildcard.
func WithOwner(name string, rrs []dns.RR) []dns.RR {
	owned := make([]dns.RR, len(rrs))
	for i, rr := range rrs {
		owned[i] = dns.Copy(rr)
		owned[i].Header().Name = name
	}
	return owned
}

// CapTTL returns rr if its TTL is at most ttl, else a copy with that TTL. An OPT is
// returned as it is: it has flags in that field.
func CapTTL(rr dns.RR, ttl uint32) dns.RR {
	if !isOver(rr, ttl) {
		return rr
	}
	c := dns.Copy(rr)
	c.Header().Ttl = ttl
	return c
}

// CapTTLs returns rrs if no TTL is above ttl, else a new slice of the results of [CapTTL].
func CapTTLs(rrs []dns.RR, ttl uint32) []dns.RR {
	if !slices.ContainsFunc(rrs, func(rr dns.RR) bool { return isOver(rr, ttl) }) {
		return rrs
	}
	c := make([]dns.RR, len(rrs))
	for i, rr := range rrs {
		c[i] = CapTTL(rr, ttl)
	}
	return c
}

func isOver(rr dns.RR, ttl uint32) bool {
	return rr.Header().Ttl > ttl && rr.Header().Rrtype != dns.TypeOPT
}
