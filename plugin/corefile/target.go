package corefile

import (
	"cmp"
	"net/netip"
	"strings"
)

// readEndpoint reads the TARGET s of what in the line l: an endpoint without attributes.
func readEndpoint(l line, what, s string) (e endpoint, err error) {
	e.weight = 1
	if s == nextTarget {
		e.next = true
		return e, nil
	}
	if _, err := netip.ParseAddr(s); err == nil {
		e.addr, err = l.address(what, s)
		return e, err
	}
	name, ok := hostName(s)
	switch {
	case !ok:
		return e, l.errf("%s %s: expected an IPv4 or IPv6 address, a host name or next%s", what, show(s), cmp.Or(withoutPort(s), inASCII(s)))
	case !strings.Contains(name, "."):
		return e, l.errf("%s %s: expected an address, next or a host name of two labels at least, "+
			"as it is absolute without a dot at its end too", what, show(s))
	}
	e.host = name + "."
	return e, nil
}

// withoutPort says how a port is written, if s ends with one.
func withoutPort(s string) string {
	i := strings.LastIndexByte(s, ':')
	if i < 0 {
		return ""
	}
	host, port := s[:i], s[i+1:]
	if ap, err := netip.ParseAddrPort(s); err == nil {
		host = ap.Addr().String()
	} else if _, ok := hostName(host); !ok {
		return ""
	}
	if n, ok := digits(port); !ok || n < 1 || n > 65535 {
		return ""
	}
	return " without a port; a port is written endpoint " + host + " port " + port
}

// same reports whether e and other are one TARGET.
func (e endpoint) same(other endpoint) bool {
	return e.addr == other.addr && e.host == other.host && e.next == other.next
}
