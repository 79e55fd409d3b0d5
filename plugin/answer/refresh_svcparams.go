package answer

import (
	"cmp"
	"slices"

	"github.com/miekg/dns"
)

// params returns values with the addresses of t as hints and with the parameters that
// t replaces, in the order of their keys. A family without addresses has no hint.
func (t *target) params(values []dns.SVCBKeyValue) []dns.SVCBKeyValue {
	c := make([]dns.SVCBKeyValue, 0, len(values)+len(t.Params)+2)
	for _, v := range values {
		switch _, replaced := t.Params[v.Key()]; {
		case replaced, v.Key() == dns.SVCB_IPV4HINT, v.Key() == dns.SVCB_IPV6HINT:
		default:
			c = append(c, v)
		}
	}
	for _, v := range t.Params {
		if v != nil {
			c = append(c, v)
		}
	}
	if v4 := addresses(t.V4); len(v4) > 0 {
		c = append(c, &dns.SVCBIPv4Hint{Hint: v4})
	}
	if v6 := addresses(t.V6); len(v6) > 0 {
		c = append(c, &dns.SVCBIPv6Hint{Hint: v6})
	}
	c = consistent(c)
	slices.SortStableFunc(c, func(a, b dns.SVCBKeyValue) int { return cmp.Compare(a.Key(), b.Key()) })
	return c
}

// consistent returns values without parameters that RFC 9460 allows only beside others:
// mandatory keys that are absent (section 8), and no-default-alpn without alpn (section
// 7.1.1). It may write into values.
func consistent(values []dns.SVCBKeyValue) []dns.SVCBKeyValue {
	absent := func(k dns.SVCBKey) bool {
		return !slices.ContainsFunc(values, func(v dns.SVCBKeyValue) bool { return v.Key() == k })
	}
	if absent(dns.SVCB_ALPN) {
		values = slices.DeleteFunc(values, func(v dns.SVCBKeyValue) bool { return v.Key() == dns.SVCB_NO_DEFAULT_ALPN })
	}
	i := slices.IndexFunc(values, func(v dns.SVCBKeyValue) bool { return v.Key() == dns.SVCB_MANDATORY })
	if i < 0 {
		return values
	}
	m, ok := values[i].(*dns.SVCBMandatory)
	if !ok || !slices.ContainsFunc(m.Code, absent) {
		return values
	}
	codes := slices.DeleteFunc(slices.Clone(m.Code), absent)
	if len(codes) == 0 {
		return slices.Delete(values, i, i+1)
	}
	values[i] = &dns.SVCBMandatory{Code: codes}
	return values
}
