package answer

import (
	"slices"

	"github.com/miekg/dns"
)

// WithError returns m, a reply to r, with the Extended DNS Error 0 and text (RFC 8914)
// if r has EDNS.
func WithError(m, r *dns.Msg, text string) *dns.Msg {
	if r.IsEdns0() == nil {
		return m
	}
	return withOption(m, &dns.EDNS0_EDE{InfoCode: dns.ExtendedErrorCodeOther, ExtraText: text})
}

// WithSubnet returns m with the client subnet of the query. If the answer is scoped,
// or m says so already, it is for that subnet alone, else for all clients: the scope is
// the source prefix or 0 (RFC 7871, section 7.2.1).
func WithSubnet(m *dns.Msg, ecs *dns.EDNS0_SUBNET, scoped bool) *dns.Msg {
	o := *ecs
	o.SourceScope = 0
	if scoped || IsScoped(m) {
		o.SourceScope = o.SourceNetmask
	}
	return withOption(m, &o)
}

// IsScoped reports whether m has a client subnet with a scope above 0.
func IsScoped(m *dns.Msg) bool {
	opt := m.IsEdns0()
	return opt != nil && slices.ContainsFunc(opt.Option, func(o dns.EDNS0) bool {
		ecs, ok := o.(*dns.EDNS0_SUBNET)
		return ok && ecs.SourceScope > 0
	})
}

// withOption returns m with an EDNS option. The server fills in the rest of the OPT.
func withOption(m *dns.Msg, o dns.EDNS0) *dns.Msg {
	c := *m
	opt := &dns.OPT{Hdr: dns.RR_Header{Name: ".", Rrtype: dns.TypeOPT}}
	c.Extra = nil
	for _, rr := range m.Extra {
		if was, ok := rr.(*dns.OPT); ok {
			opt.Hdr = was.Hdr
			opt.Option = slices.DeleteFunc(slices.Clone(was.Option), func(p dns.EDNS0) bool { return replaces(o, p) })
		} else {
			c.Extra = append(c.Extra, rr)
		}
	}
	opt.Option = append(opt.Option, o)
	c.Extra = append(c.Extra, opt)
	return &c
}

// replaces reports whether o takes the place of other: a message has one client
// subnet at most, and any number of errors.
func replaces(o, other dns.EDNS0) bool {
	return o.Option() == dns.EDNS0SUBNET && other.Option() == dns.EDNS0SUBNET
}

// withErrors returns m, a reply to r, with the Extended DNS Errors of other.
func withErrors(m, other, r *dns.Msg) *dns.Msg {
	opt := other.IsEdns0()
	if opt == nil || r.IsEdns0() == nil {
		return m
	}
	for _, o := range opt.Option {
		if o.Option() == dns.EDNS0EDE {
			m = withOption(m, o)
		}
	}
	return m
}

func isOPT(rr dns.RR) bool { return rr.Header().Rrtype == dns.TypeOPT }
