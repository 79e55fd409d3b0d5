package answer

import (
	"slices"
	"strings"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/plugin/rr"
)

// A Guard edits replies of the next plugins about a name that exists because of a
// record, whatever they know of it.
type Guard struct {
	Req *dns.Msg
	// Name is the name asked for, in lower case.
	Name string
	// Record is set if the name is a record's: then no CNAME and no delegation may take
	// it over. Otherwise the name is an empty non-terminal.
	Record bool
	// Shared is set if the next plugins give the record's addresses: then its name may
	// have a CNAME or DNAME, with TTL at most.
	Shared bool
	// TTL is the highest TTL of negative answers.
	TTL uint32
	// SOA returns the zone's SOA, for replies that have none.
	SOA func() dns.RR
}

// Edit returns the reply to send instead of m: NODATA if m denies the name or takes it
// over, and with exactly one SOA if it is NODATA.
func (g *Guard) Edit(m *dns.Msg) *dns.Msg {
	switch {
	case g.Shared && slices.ContainsFunc(m.Answer, g.isCNAME):
		c := *m
		c.Answer = rr.CapTTLs(m.Answer, g.TTL)
		return &c
	case m.Rcode == dns.RcodeNameError && len(m.Answer) == 0, g.Record && g.takesOver(m):
		return NoData(g.Req, rr.CapTTL(g.soa(m), g.TTL))
	case m.Rcode == dns.RcodeSuccess && len(m.Answer) == 0 && !isReferral(m) && countSOA(m) != 1:
		return g.withOneSOA(m)
	default:
		return m
	}
}

// soa returns the SOA of m, else that of the zone.
func (g *Guard) soa(m *dns.Msg) dns.RR {
	if i := slices.IndexFunc(m.Ns, isSOA); i >= 0 {
		return m.Ns[i]
	}
	return g.SOA()
}

func (g *Guard) withOneSOA(m *dns.Msg) *dns.Msg {
	soa := rr.CapTTL(g.soa(m), g.TTL)
	c := *m
	c.Ns = append(slices.DeleteFunc(slices.Clone(m.Ns), isSOA), soa)
	return &c
}

// takesOver reports whether m gives the name a CNAME or DNAME, or delegates it.
func (g *Guard) takesOver(m *dns.Msg) bool {
	return slices.ContainsFunc(m.Answer, g.isCNAME) ||
		isReferral(m) && slices.ContainsFunc(m.Ns, g.owns)
}

func (g *Guard) isCNAME(rr dns.RR) bool {
	t := rr.Header().Rrtype
	return (t == dns.TypeCNAME || t == dns.TypeDNAME) && g.owns(rr)
}

func (g *Guard) owns(rr dns.RR) bool {
	return strings.EqualFold(rr.Header().Name, g.Name)
}

// isReferral reports whether m is a referral (RFC 2308, section 2.2): it has NS records
// in its authority section, and neither an answer nor a SOA.
func isReferral(m *dns.Msg) bool {
	return m.Rcode == dns.RcodeSuccess && len(m.Answer) == 0 && countSOA(m) == 0 &&
		rr.HasType(m.Ns, dns.TypeNS)
}

func countSOA(m *dns.Msg) (n int) {
	for _, rr := range m.Ns {
		if isSOA(rr) {
			n++
		}
	}
	return n
}

func isSOA(rr dns.RR) bool { return rr.Header().Rrtype == dns.TypeSOA }
