package answer

import (
	"github.com/coredns/coredns/plugin/pkg/dnsutil"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/plugin/rr"
)

// An Apex gives the SOA of a zone: that of the next plugins or, if they have none, a
// synthetic one.
type Apex struct {
	zone string
	soa  *dns.SOA // synthetic
}

// NewApex returns the Apex of a zone. Its synthetic SOA has this serial.
func NewApex(zone string, serial uint32) *Apex {
	return &Apex{zone: zone, soa: &dns.SOA{
		Hdr:     dns.RR_Header{Name: zone, Rrtype: dns.TypeSOA, Class: dns.ClassINET},
		Ns:      dnsutil.Join("ns.dns", zone),
		Mbox:    dnsutil.Join("hostmaster", zone),
		Serial:  serial,
		Refresh: 7200,
		Retry:   1800,
		Expire:  86400,
	}}
}

// Synthetic returns the records of a type at a name for when no next plugin answers:
// a SOA and a name server at the apex, nil elsewhere. Their TTL is ttl.
func (a *Apex) Synthetic(name string, qtype uint16, ttl uint32) []dns.RR {
	switch {
	case name == a.zone && qtype == dns.TypeSOA:
		return []dns.RR{a.syntheticSOA(ttl)}
	case name == a.zone && qtype == dns.TypeNS:
		h := dns.RR_Header{Name: a.zone, Rrtype: dns.TypeNS, Class: dns.ClassINET, Ttl: ttl}
		return []dns.RR{&dns.NS{Hdr: h, Ns: a.soa.Ns}}
	default:
		return nil
	}
}

func (a *Apex) syntheticSOA(ttl uint32) *dns.SOA {
	soa := *a.soa
	soa.Hdr.Ttl, soa.Minttl = ttl, ttl
	return &soa
}

// SOA returns the SOA of a negative answer, with a TTL of ttl at most: next, which is
// that of the next plugins, or a synthetic one if next is nil.
func (a *Apex) SOA(next *dns.SOA, ttl uint32) dns.RR {
	if next != nil {
		return rr.CapTTL(next, ttl)
	}
	return a.syntheticSOA(ttl)
}
