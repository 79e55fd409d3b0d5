package lookup

import (
	"errors"
	"slices"

	"github.com/miekg/dns"
)

// orWithoutEDNS returns the answer of ask to q, or without its OPT if the answer is that
// of a server without EDNS (RFC 6891, section 7).
func orWithoutEDNS(q *dns.Msg, ask func(q *dns.Msg) (*dns.Msg, error)) (*dns.Msg, error) {
	m, err := ask(q)
	rcode := rcodeOf(m, err)
	if q.IsEdns0() == nil || rcode != dns.RcodeFormatError && rcode != dns.RcodeNotImplemented {
		return m, err
	}
	plain := q.Copy()
	plain.Extra = slices.DeleteFunc(plain.Extra, func(rr dns.RR) bool { return rr.Header().Rrtype == dns.TypeOPT })
	return ask(plain)
}

// rcodeOf returns the rcode of the outcome of a lookup, or NOERROR if it has none.
func rcodeOf(m *dns.Msg, err error) int {
	var e *rcodeError
	switch {
	case errors.As(err, &e):
		return e.Rcode
	case m != nil:
		return m.Rcode
	default:
		return dns.RcodeSuccess
	}
}

// withoutEDNS returns a packed query without its OPT if reply is that of a server without
// EDNS; else nil. The reply may be a header alone.
func withoutEDNS(query, reply []byte) []byte {
	const header = 12
	if len(reply) < header || idOf(reply) != idOf(query) || reply[2]&0x80 == 0 {
		return nil
	}
	q := new(dns.Msg)
	rcode := int(reply[3] & 0xf)
	if rcode != dns.RcodeFormatError && rcode != dns.RcodeNotImplemented || q.Unpack(query) != nil || q.IsEdns0() == nil {
		return nil
	}
	q.Extra = nil // an OPT is all that Go's resolver puts there
	plain, err := q.Pack()
	if err != nil {
		return nil
	}
	return plain
}
