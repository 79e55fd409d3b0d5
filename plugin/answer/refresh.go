package answer

import (
	"math"
	"slices"
	"strings"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/plugin/rr"
)

// Addresses are what a record's name has now.
type Addresses struct {
	V4, V6 []dns.RR // owned by that name, or a CNAME and what that leads to
	TTL    uint32   // in seconds
	// Params replace the parameters of HTTPS and SVCB records that lead to the
	// name; nil removes one.
	Params map[dns.SVCBKey]dns.SVCBKeyValue
}

// ManagedNames are the names of records.
type ManagedNames interface {
	// Addresses returns what A and AAAA of a name in lower case would answer now. It is
	// not ok if the name is no record's, or if nobody knows what would be answered.
	Addresses(name string) (a Addresses, ok bool)
}

// Refresh returns the reply that goes out instead of m, if the answer of m leads
// to a record's name: with that name's addresses of now, as hints (hints.go), in
// the additional section (additional.go) or behind an alias (followed.go), and
// for no longer than they may be kept. Any other m it returns as it is.
func Refresh(m *dns.Msg, managed ManagedNames) *dns.Msg {
	if len(m.Question) == 1 && rr.IsAddress(m.Question[0].Qtype) {
		return refreshCNAME(m, managed)
	}
	var l targets
	for _, rr := range m.Answer {
		l.add(rr, managed)
	}
	l.markPresent(m.Extra)
	if len(l) == 0 || !slices.ContainsFunc(l, target.isEdited) {
		return m
	}
	c := *m
	if slices.ContainsFunc(l, func(to target) bool { return to.hint }) {
		c.Answer = l.withHints(m.Answer)
		c.AuthenticatedData = false // nobody has validated what we say
	}
	c.Extra = l.withAddresses(m.Extra)
	ttl := l.ttl()
	c.Answer, c.Ns, c.Extra = rr.CapTTLs(c.Answer, ttl), rr.CapTTLs(c.Ns, ttl), rr.CapTTLs(c.Extra, ttl)
	return &c
}

// Refreshable reports whether m leads to any name at all.
func Refreshable(m *dns.Msg) bool {
	if len(m.Question) == 1 && rr.IsAddress(m.Question[0].Qtype) {
		return slices.ContainsFunc(m.Answer, func(rr dns.RR) bool { return rr.Header().Rrtype == dns.TypeCNAME })
	}
	return len(m.Answer) > 0
}

// A link is a record's name to which an answer leads.
type target struct {
	name string
	Addresses
	hint, additional bool // as a hint, and in the additional section
}

func (t target) isEdited() bool { return t.hint || t.additional }

// links are those of a reply. Each name is asked for once, so that all of the
// reply says the same.
type targets []target

// add notes where rr leads to.
func (ts *targets) add(rr dns.RR, managed ManagedNames) {
	name, isHint, isAdditional := targetOf(rr)
	if name == "" || name == "." { // which says that there is no such service
		return
	}
	to := ts.find(name)
	if to == nil {
		name = strings.ToLower(name)
		a, ok := managed.Addresses(name)
		if !ok {
			return
		}
		*ts = append(*ts, target{name: name, Addresses: a})
		to = &(*ts)[len(*ts)-1]
	}
	to.hint = to.hint || isHint
	to.additional = to.additional || isAdditional
}

// find returns the link to a name, or nil.
func (ts targets) find(name string) *target {
	for i := range ts {
		if strings.EqualFold(ts[i].name, name) {
			return &ts[i]
		}
	}
	return nil
}

// ttl is the least of the records'.
func (ts targets) ttl() uint32 {
	ttl := uint32(math.MaxUint32)
	for _, to := range ts {
		if to.isEdited() {
			ttl = min(ttl, to.TTL)
		}
	}
	return ttl
}

// target returns the name whose addresses are of use to who gets rr, and whether
// they belong in hints or in the additional section.
func targetOf(rr dns.RR) (name string, isHint, isAdditional bool) {
	switch rr := rr.(type) {
	case *dns.SRV:
		return rr.Target, false, true
	case *dns.MX:
		return rr.Mx, false, true
	case *dns.NS:
		return rr.Ns, false, true
	case *dns.SVCB:
		return targetName(rr), inServiceMode(rr), false
	case *dns.HTTPS:
		return targetName(&rr.SVCB), inServiceMode(&rr.SVCB), false
	}
	return "", false, false
}
