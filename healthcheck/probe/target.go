package probe

import (
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// A Target is the [HOST][:PORT][PATH] that a check connects to.
type Target struct {
	Host string // "" is the endpoint; else a name, an address, or text with "{endpoint}" in it
	Port uint16
	Path string // with the leading slash and any query, or ""
}

// Placeholder stands for the address of the endpoint in HOST, PATH, arguments and queries.
const Placeholder = "{endpoint}"

// String returns the Target as it stands in the Corefile.
func (t Target) String() string {
	host := t.Host
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	return host + ":" + t.port() + t.Path
}

// host returns the host to connect to for the endpoint at addr.
func (t Target) host(addr netip.Addr) string {
	if t.Host == "" {
		return addr.String()
	}
	return expand(t.Host, addr)
}

// address returns the host and port to connect to for the endpoint at addr.
func (t Target) address(addr netip.Addr) string { return net.JoinHostPort(t.host(addr), t.port()) }

// path returns Path for the endpoint at addr. "" is "/".
func (t Target) path(addr netip.Addr) (*url.URL, error) {
	if t.Path == "" {
		return &url.URL{Path: "/"}, nil
	}
	// The '%' of a zone would begin an escape.
	text := strings.ReplaceAll(addr.String(), "%", "%25")
	return url.ParseRequestURI(strings.ReplaceAll(t.Path, Placeholder, text))
}

func (t Target) port() string { return strconv.Itoa(int(t.Port)) }

// expand replaces the Placeholder in s by addr.
func expand(s string, addr netip.Addr) string {
	return strings.ReplaceAll(s, Placeholder, addr.String())
}
