package probe

import (
	"net/netip"
	"net/url"
	"strconv"
)

// originPort returns the port of the URLs that the target serves: the one of the
// Host header, which need not be the one that is connected to.
func (c HTTP) originPort() string {
	if c.HostPort != 0 {
		return strconv.Itoa(int(c.HostPort))
	}
	return c.Target.port()
}

// hostHeader returns the Host header for host: with a port if the check sets one
// or it is not the scheme's (RFC 9110, section 7.2).
func (c HTTP) hostHeader(host string) string {
	host = bracketed(host)
	if port := c.originPort(); c.HostPort != 0 || port != schemePort(c.Type()) {
		return host + ":" + port
	}
	return host
}

// connectPort returns the port that u leads to. URLs of the target's own origin
// lead to the port that the check connects to.
func (c HTTP) connectPort(u *url.URL, own bool) string {
	port := portOf(u)
	if own && u.Scheme == c.Type() && port == c.originPort() {
		return c.Target.port()
	}
	return port
}

// bracketed returns host, in brackets and without zone if it is an IPv6 address.
func bracketed(host string) string {
	if addr, err := netip.ParseAddr(host); err == nil && addr.Is6() {
		return "[" + addr.WithZone("").String() + "]"
	}
	return host
}

func portOf(u *url.URL) string {
	if port := u.Port(); port != "" {
		return port
	}
	return schemePort(u.Scheme)
}

func schemePort(scheme string) string {
	if scheme == "https" {
		return "443"
	}
	return "80"
}
