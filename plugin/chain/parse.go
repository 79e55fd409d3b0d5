package chain

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/plugin/pool"
)

// Bounds of how long a reply is kept. The upper one is that of the cache plugin.
const (
	minKeep = time.Second
	maxKeep = time.Hour
)

// parse reads what m says of the addresses of a name.
func parse(name string, qtype uint16, m *dns.Msg) (*pool.Reply, error) {
	switch {
	case m.Truncated:
		return nil, errors.New("truncated answer")
	case m.Rcode != dns.RcodeSuccess && m.Rcode != dns.RcodeNameError:
		return nil, errors.New(dns.RcodeToString[m.Rcode])
	}
	r := &pool.Reply{Aging: !m.Authoritative, At: time.Now()}
	owner, err := follow(r, name, m.Answer)
	if err != nil {
		return nil, err
	}
	for _, rr := range m.Answer {
		switch rr := rr.(type) {
		case *dns.RRSIG:
			r.Sigs = append(r.Sigs, rr)
		default:
			if rr.Header().Rrtype == qtype && strings.EqualFold(rr.Header().Name, owner) {
				r.Addrs = append(r.Addrs, rr)
			}
		}
	}
	if len(r.Addrs) == 0 {
		r.Negative = m
	}
	r.TTL = keep(r, m)
	return r, nil
}

// follow collects the aliases that lead on from a name, and returns where they end.
func follow(r *pool.Reply, name string, rrs []dns.RR) (end string, err error) {
	passed := []string{strings.ToLower(name)}
	for {
		cname := aliasOf(name, rrs)
		if cname == nil {
			return name, nil
		}
		if d := dnameAbove(name, rrs); d != nil && !slices.Contains(r.Aliases, d) {
			r.Aliases = append(r.Aliases, d)
		}
		r.Aliases = append(r.Aliases, cname)
		name = cname.(*dns.CNAME).Target
		if slices.Contains(passed, strings.ToLower(name)) {
			return "", fmt.Errorf("aliases lead from %s back to %s", passed[0], name)
		}
		passed = append(passed, strings.ToLower(name))
	}
}

func aliasOf(name string, rrs []dns.RR) dns.RR {
	for _, rr := range rrs {
		if rr.Header().Rrtype == dns.TypeCNAME && strings.EqualFold(rr.Header().Name, name) {
			return rr
		}
	}
	return nil
}

// dnameAbove returns the DNAME that a CNAME of name is made from (RFC 6672).
func dnameAbove(name string, rrs []dns.RR) dns.RR {
	for _, rr := range rrs {
		if rr.Header().Rrtype == dns.TypeDNAME && dns.IsSubDomain(rr.Header().Name, name) {
			return rr
		}
	}
	return nil
}

// openEnd returns the target of the alias that r ends with, if nothing is said of
// it: no address, and no denial.
func openEnd(r *pool.Reply) string {
	if len(r.Aliases) == 0 || len(r.Addrs) > 0 || r.Negative.Rcode == dns.RcodeNameError {
		return ""
	}
	if slices.ContainsFunc(r.Negative.Ns, func(rr dns.RR) bool { return rr.Header().Rrtype == dns.TypeSOA }) {
		return ""
	}
	return r.Aliases[len(r.Aliases)-1].(*dns.CNAME).Target
}

// join returns what r says of a name, which ends with an alias, and t of its
// target.
func join(name string, r, t *pool.Reply) (*pool.Reply, error) {
	j := &pool.Reply{
		Addrs: t.Addrs, Sigs: slices.Concat(r.Sigs, t.Sigs),
		Aging: r.Aging || t.Aging, At: t.At, TTL: min(r.TTL, t.TTL),
	}
	if _, err := follow(j, name, slices.Concat(r.Aliases, t.Aliases)); err != nil {
		return nil, err
	}
	if t.Negative != nil {
		j.Negative = t.Negative.Copy()
		j.Negative.Answer = slices.Concat(r.Negative.Answer, j.Negative.Answer)
	}
	return j, nil
}

// keep returns how long r, which m said, may be kept: by the least TTL of the
// answer, and if that has no address by what RFC 2308, section 5, says.
func keep(r *pool.Reply, m *dns.Msg) time.Duration {
	ttl := maxKeep
	least := func(seconds uint32) { ttl = min(ttl, time.Duration(seconds)*time.Second) }
	for _, rr := range slices.Concat(r.Aliases, r.Addrs) {
		least(rr.Header().Ttl)
	}
	if r.Negative != nil {
		i := slices.IndexFunc(m.Ns, func(rr dns.RR) bool { return rr.Header().Rrtype == dns.TypeSOA })
		if i < 0 {
			return min(ttl, unsaid)
		}
		least(min(m.Ns[i].Header().Ttl, m.Ns[i].(*dns.SOA).Minttl))
	}
	return max(minKeep, ttl)
}

// unsaid is how long a reply is kept that does not say it.
const unsaid = 5 * time.Second
