package probe

import (
	"net/netip"
	"net/url"
	"strconv"
)

// originPort returns the port in the URLs of the target, which is that of the Host
// header. The check may connect to another.
func (c HTTP) originPort() string {
	if c.HostPort != 0 {
		return strconv.Itoa(int(c.HostPort))
	}
	return c.Target.port()
}

// hostHeader returns the Host header for host. It has a port if the check sets one, or if
// the port is not the default of the scheme (RFC 9110, section 7.2).
func (c HTTP) hostHeader(host string) string {
	host = bracketed(host)
	if port := c.originPort(); c.HostPort != 0 || port != schemePort(c.Type()) {
		return host + ":" + port
	}
	return host
}

// connectPort returns the port to connect to for u. own says that its host is the target:
// then the port of its origin stands for the port of the check.
func (c HTTP) connectPort(u *url.URL, own bool) string {
	port := portOf(u)
	if own && u.Scheme == c.Type() && port == c.originPort() {
		return c.Target.port()
	}
	return port
}

// bracketed returns host. An IPv6 address gets brackets and loses its zone.
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
