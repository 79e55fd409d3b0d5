package lookup

import (
	"slices"
	"strings"
	"time"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/plugin/pool"
	"github.com/coredns-failover/failover/plugin/rr"
)

// Limits of the TTL of a reply. maxTTL is that of the cache plugin, and so is
// unknownTTL, for negative answers without SOA (which RFC 2308, section 5, would not
// cache at all).
const (
	minTTL     = time.Second
	maxTTL     = time.Hour
	unknownTTL = 5 * time.Second
)

// read returns the reply that m holds for name. If m ends with a CNAME, it also returns
// the target of that.
func read(m *dns.Msg, name string, qtype uint16, now time.Time) (r *pool.Reply, target string, err error) {
	if m.Rcode != dns.RcodeSuccess && m.Rcode != dns.RcodeNameError {
		return nil, "", &rcodeError{m.Rcode}
	}
	cnames, owner, err := followCNAMEs(m.Answer, name, qtype)
	if err != nil {
		return nil, "", err
	}
	r = &pool.Reply{CNAMEs: cnames, Addrs: ownedBy(m.Answer, owner, qtype), Aging: !m.Authoritative, At: now}
	r.Sigs = signatures(m.Answer, slices.Concat(r.CNAMEs, r.Addrs))
	r.TTL = lowestTTL(r.CNAMEs, r.Addrs)
	if len(r.Addrs) > 0 {
		return r, "", nil
	}
	soa := soaOf(m)
	switch {
	case m.Rcode == dns.RcodeNameError, soa != nil, len(cnames) == 0 && !rr.HasType(m.Ns, dns.TypeNS):
		r.TTL = min(r.TTL, negativeTTL(soa))
		r.CNAMEs, r.Sigs, r.Negative = nil, nil, m
		return r, "", nil
	case len(cnames) == 0:
		return nil, "", errReferral
	default:
		return r, owner, nil
	}
}

// followCNAMEs returns the CNAMEs among rrs, and the DNAMEs behind them, that lead from
// name to its addresses, and the last target. The etcd plugin may give a name addresses
// and a CNAME: then the addresses count.
func followCNAMEs(rrs []dns.RR, name string, qtype uint16) (cnames []dns.RR, owner string, err error) {
	owner = strings.ToLower(name)
	path := []string{owner}
	for len(ownedBy(rrs, owner, qtype)) == 0 {
		next := ownedBy(rrs, owner, dns.TypeCNAME)
		if len(next) == 0 {
			break
		}
		if d := dnameOf(rrs, owner); d != nil && !slices.Contains(cnames, d) {
			cnames = append(cnames, d)
		}
		cnames = append(cnames, next[0])
		owner = strings.ToLower(next[0].(*dns.CNAME).Target)
		looped := slices.Contains(path, owner)
		path = append(path, owner)
		switch {
		case looped:
			return nil, "", &loopError{path}
		case len(path) > maxChain+1:
			return nil, "", errTooLong
		}
	}
	return cnames, owner, nil
}

// ownedBy returns the records of a type with the given owner.
func ownedBy(rrs []dns.RR, owner string, rrtype uint16) (owned []dns.RR) {
	for _, rr := range rrs {
		if h := rr.Header(); h.Rrtype == rrtype && strings.EqualFold(h.Name, owner) {
			owned = append(owned, rr)
		}
	}
	return owned
}

// dnameOf returns the DNAME from which the CNAME of owner was made, or nil.
func dnameOf(rrs []dns.RR, owner string) dns.RR {
	for _, rr := range rrs {
		h := rr.Header()
		if h.Rrtype == dns.TypeDNAME && dns.IsSubDomain(h.Name, owner) && !strings.EqualFold(h.Name, owner) {
			return rr
		}
	}
	return nil
}

// signatures returns the RRSIGs among rrs of any of signed.
func signatures(rrs, signed []dns.RR) (sigs []dns.RR) {
	for _, rr := range rrs {
		sig, ok := rr.(*dns.RRSIG)
		if ok && slices.ContainsFunc(signed, func(rr dns.RR) bool {
			return rr.Header().Rrtype == sig.TypeCovered && strings.EqualFold(rr.Header().Name, sig.Hdr.Name)
		}) {
			sigs = append(sigs, sig)
		}
	}
	return sigs
}

// lowestTTL returns the lowest TTL, between minTTL and maxTTL.
func lowestTTL(sets ...[]dns.RR) time.Duration {
	ttl := maxTTL
	for _, rrs := range sets {
		for _, rr := range rrs {
			ttl = min(ttl, time.Duration(rr.Header().Ttl)*time.Second)
		}
	}
	return max(ttl, minTTL)
}

// negativeTTL returns the TTL of a negative answer (RFC 2308, section 5).
func negativeTTL(soa *dns.SOA) time.Duration {
	if soa == nil {
		return unknownTTL
	}
	return max(minTTL, time.Duration(min(soa.Hdr.Ttl, soa.Minttl))*time.Second)
}

func soaOf(m *dns.Msg) *dns.SOA {
	for _, rr := range m.Ns {
		if soa, ok := rr.(*dns.SOA); ok {
			return soa
		}
	}
	return nil
}

// joinTarget returns the reply for name, whose answer m ends with a CNAME. r is the
// reply in m, t that for the target.
func joinTarget(m *dns.Msg, name string, r, t *pool.Reply) (*pool.Reply, error) {
	j := *t
	j.At, j.TTL, j.Aging = r.At, min(r.TTL, t.TTL), r.Aging || t.Aging
	if t.Negative != nil {
		n := *t.Negative
		n.MsgHdr.Authoritative, n.Question, n.Extra = m.Authoritative, m.Question, nil
		n.Answer = slices.Concat(r.CNAMEs, r.Sigs, t.Negative.Answer)
		j.Negative = &n
		return &j, nil
	}
	j.CNAMEs = slices.Concat(r.CNAMEs, t.CNAMEs)
	j.Sigs = slices.Concat(r.Sigs, t.Sigs)
	_, _, err := followCNAMEs(j.CNAMEs, name, dns.TypeNone)
	return &j, err
}
