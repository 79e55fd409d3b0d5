package answer

import (
	"context"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/coredns/coredns/plugin/pkg/dnsutil"
	"github.com/coredns/coredns/plugin/pkg/nonwriter"

	"github.com/miekg/dns"
)

// soaRefresh is how long the SOA of the plugins behind is believed, so that
// negative answers do not ask them each time; behind forward that would be a
// query upstream.
const soaRefresh = 5 * time.Second

// An Apex gives the SOA of a zone: that of the plugins behind or, if they have
// none, one of its own.
type Apex struct {
	zone string
	own  *dns.SOA

	known  atomic.Pointer[knownSOA]
	asking atomic.Bool
}

type knownSOA struct {
	soa dns.RR // nil if they have none
	at  time.Time
}

// NewApex returns the Apex of a zone. The SOA of its own carries serial.
func NewApex(zone string, serial uint32) *Apex {
	a := &Apex{zone: zone, own: &dns.SOA{
		Hdr:     dns.RR_Header{Name: zone, Rrtype: dns.TypeSOA, Class: dns.ClassINET},
		Ns:      dnsutil.Join("ns.dns", zone),
		Mbox:    dnsutil.Join("hostmaster", zone),
		Serial:  serial,
		Refresh: 7200,
		Retry:   1800,
		Expire:  86400,
	}}
	a.known.Store(&knownSOA{})
	return a
}

// Own returns what the zone itself has of a type at a name if nobody behind
// answers: at the apex a SOA and a name server, elsewhere nothing. Its TTL is
// ttl.
func (a *Apex) Own(name string, qtype uint16, ttl uint32) []dns.RR {
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

// A Handler is the part of plugin.Handler that answers queries.
type Handler interface {
	ServeDNS(context.Context, dns.ResponseWriter, *dns.Msg) (int, error)
}

// SOA returns the SOA of the zone, with a TTL of ttl at most. It asks next, which
// may be nil, on behalf of the client of w if what that said is too old. While
// one query asks, others go by what is known, and so they do if nobody says.
func (a *Apex) SOA(ctx context.Context, next Handler, w dns.ResponseWriter, ttl uint32) dns.RR {
	if soa := a.behind(ctx, next, w); soa != nil {
		return capped(soa, ttl)
	}
	return a.ownSOA(ttl)
}

// behind returns the SOA that the plugins behind have, or nil.
func (a *Apex) behind(ctx context.Context, next Handler, w dns.ResponseWriter) dns.RR {
	if next == nil {
		return nil
	}
	k := a.known.Load()
	if time.Since(k.at) < soaRefresh || !a.asking.CompareAndSwap(false, true) {
		return k.soa
	}
	defer a.asking.Store(false)
	soa, ok := a.ask(ctx, next, w)
	if !ok {
		soa = k.soa
	}
	a.known.Store(&knownSOA{soa: soa, at: time.Now()})
	return soa
}

// ask returns the SOA that next has, or nil, and false if it did not say.
func (a *Apex) ask(ctx context.Context, next Handler, w dns.ResponseWriter) (soa dns.RR, ok bool) {
	q := new(dns.Msg)
	q.SetQuestion(a.zone, dns.TypeSOA)
	nw := nonwriter.New(w)
	if _, err := next.ServeDNS(ctx, nw, q); err != nil || nw.Msg == nil {
		return nil, false
	}
	i := slices.IndexFunc(nw.Msg.Answer, func(rr dns.RR) bool {
		return isSOA(rr) && strings.EqualFold(rr.Header().Name, a.zone)
	})
	if i < 0 {
		return nil, nw.Msg.Rcode != dns.RcodeServerFailure
	}
	return nw.Msg.Answer[i], true
}
