package answer

import (
	"slices"

	"github.com/miekg/dns"
)

// WithError returns m, a reply to r, with the Extended DNS Error 0 of RFC 8914 if
// the client speaks EDNS.
func WithError(m, r *dns.Msg, text string) *dns.Msg {
	if r.IsEdns0() == nil {
		return m
	}
	return withOption(m, &dns.EDNS0_EDE{InfoCode: dns.ExtendedErrorCodeOther, ExtraText: text})
}

// WithSubnet returns m with the client subnet of the query: its scope is that of
// the source prefix if the answer is for these clients alone, as m may say already,
// else all (RFC 7871, section 7.2.1).
func WithSubnet(m *dns.Msg, ecs *dns.EDNS0_SUBNET, scoped bool) *dns.Msg {
	o := *ecs
	o.SourceScope = 0
	if scoped || IsScoped(m) {
		o.SourceScope = o.SourceNetmask
	}
	return withOption(m, &o)
}

// IsScoped reports whether m says that it is for a client subnet alone.
func IsScoped(m *dns.Msg) bool {
	opt := m.IsEdns0()
	return opt != nil && slices.ContainsFunc(opt.Option, func(o dns.EDNS0) bool {
		ecs, ok := o.(*dns.EDNS0_SUBNET)
		return ok && ecs.SourceScope > 0
	})
}

// withOption returns m with an EDNS option. The server fills in the rest of the
// OPT.
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

// replaces reports whether an option takes the place of another. There is one
// client subnet at most; errors add up.
func replaces(o, other dns.EDNS0) bool {
	return o.Option() == dns.EDNS0SUBNET && other.Option() == dns.EDNS0SUBNET
}

// withErrorsOf returns m, a reply to r, with the Extended DNS Errors of last.
func withErrors(m, last, r *dns.Msg) *dns.Msg {
	opt := last.IsEdns0()
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
