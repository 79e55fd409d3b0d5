package answer

import (
	"github.com/coredns/coredns/plugin/pkg/dnsutil"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/plugin/rr"
)

// An Apex gives the SOA of a zone: one that the plugins behind have or, if they
// have none, one of its own.
type Apex struct {
	zone string
	own  *dns.SOA
}

// NewApex returns the Apex of a zone. The SOA of its own carries serial.
func NewApex(zone string, serial uint32) *Apex {
	return &Apex{zone: zone, own: &dns.SOA{
		Hdr:     dns.RR_Header{Name: zone, Rrtype: dns.TypeSOA, Class: dns.ClassINET},
		Ns:      dnsutil.Join("ns.dns", zone),
		Mbox:    dnsutil.Join("hostmaster", zone),
		Serial:  serial,
		Refresh: 7200,
		Retry:   1800,
		Expire:  86400,
	}}
}

// Synthetic returns what the zone itself has of a type at a name if nobody behind
// answers: at the apex a SOA and a name server, elsewhere nothing. Its TTL is
// ttl.
func (a *Apex) Synthetic(name string, qtype uint16, ttl uint32) []dns.RR {
	switch {
	case name == a.zone && qtype == dns.TypeSOA:
		return []dns.RR{a.ownSOA(ttl)}
	case name == a.zone && qtype == dns.TypeNS:
		h := dns.RR_Header{Name: a.zone, Rrtype: dns.TypeNS, Class: dns.ClassINET, Ttl: ttl}
		return []dns.RR{&dns.NS{Hdr: h, Ns: a.own.Ns}}
	default:
		return nil
	}
}

func (a *Apex) ownSOA(ttl uint32) *dns.SOA {
	soa := *a.own
	soa.Hdr.Ttl, soa.Minttl = ttl, ttl
	return &soa
}

// SOA returns the SOA of a negative answer, with a TTL of ttl at most: the one that
// the plugins behind have or, if that is nil, one of the zone's own.
func (a *Apex) SOA(behind *dns.SOA, ttl uint32) dns.RR {
	if behind != nil {
		return rr.CapTTL(behind, ttl)
	}
	return a.ownSOA(ttl)
}
