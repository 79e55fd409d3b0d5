package answer

import (
	"math"
	"slices"
	"strings"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/plugin/rr"
)

// Addresses are the current addresses of a record's name.
type Addresses struct {
	V4, V6 []dns.RR // owned by that name, or a CNAME and the addresses of its target
	TTL    uint32   // in seconds
	// Params replaces parameters of HTTPS and SVCB records that lead to the name; nil
	// removes one.
	Params map[dns.SVCBKey]dns.SVCBKeyValue
}

// ManagedNames knows the names of records.
type ManagedNames interface {
	// Addresses returns the current answers to A and AAAA of a name in lower case. It
	// returns false if the name is no record's, or if its answers are not known.
	Addresses(name string) (a Addresses, ok bool)
}

// Refresh returns m, a reply of the next plugins, with the current addresses of the
// records' names to which its answer leads: in hints (refresh_https.go), in the
// additional section (refresh_additional.go), or after a CNAME (refresh_cname.go). Then
// no TTL is above the record's. It returns any other m as it is.
func Refresh(m *dns.Msg, managed ManagedNames) *dns.Msg {
	if len(m.Question) == 1 && rr.IsAddress(m.Question[0].Qtype) {
		return refreshCNAME(m, managed)
	}
	var ts targets
	for _, rr := range m.Answer {
		ts.add(rr, managed)
	}
	ts.markPresent(m.Extra)
	if !slices.ContainsFunc(ts, target.isEdited) {
		return m
	}
	c := *m
	if slices.ContainsFunc(ts, func(t target) bool { return t.hint }) {
		c.Answer = ts.withHints(m.Answer)
		c.AuthenticatedData = false // the hints are not validated
	}
	c.Extra = ts.withAddresses(m.Extra)
	capTTLs(&c, ts.ttl())
	return &c
}

// Refreshable reports whether Refresh may find a name in m. It costs less.
func Refreshable(m *dns.Msg) bool {
	if len(m.Question) == 1 && rr.IsAddress(m.Question[0].Qtype) {
		return slices.ContainsFunc(m.Answer, func(rr dns.RR) bool { return rr.Header().Rrtype == dns.TypeCNAME })
	}
	return len(m.Answer) > 0
}

// A target is a record's name to which an answer leads.
type target struct {
	name string
	Addresses
	hint, additional bool // its addresses are to be in hints, in the additional section
}

func (t target) isEdited() bool { return t.hint || t.additional }

// targets are those of one reply. Each name is looked up once, so that the whole
// reply has the same addresses.
type targets []target

// add adds the target of rr, if that is a record's name.
func (ts *targets) add(rr dns.RR, managed ManagedNames) {
	name, hint, additional := targetOf(rr)
	if name == "" || name == "." { // "." is no such service (RFC 2782), or no mail (RFC 7505)
		return
	}
	t := ts.find(name)
	if t == nil {
		name = strings.ToLower(name)
		a, ok := managed.Addresses(name)
		if !ok {
			return
		}
		*ts = append(*ts, target{name: name, Addresses: a})
		t = &(*ts)[len(*ts)-1]
	}
	t.hint = t.hint || hint
	t.additional = t.additional || additional
}

// find returns the target with this name, or nil.
func (ts targets) find(name string) *target {
	for i := range ts {
		if strings.EqualFold(ts[i].name, name) {
			return &ts[i]
		}
	}
	return nil
}

// ttl returns the lowest TTL of the targets whose addresses are used.
func (ts targets) ttl() uint32 {
	ttl := uint32(math.MaxUint32)
	for _, t := range ts {
		if t.isEdited() {
			ttl = min(ttl, t.TTL)
		}
	}
	return ttl
}

// targetOf returns the name whose addresses belong to rr, and whether they belong in
// its hints or in the additional section.
func targetOf(rr dns.RR) (name string, hint, additional bool) {
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
