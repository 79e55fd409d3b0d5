package dial

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"
)

// absolute returns a host and port with a dot behind the name. Without one a
// resolver tries the domains of resolv.conf's search list too, with ndots:5 before
// the name itself, and a wildcard there answers for any name.
func absolute(ctx context.Context, address string) string {
	host, port, err := net.SplitHostPort(address)
	if _, bad := netip.ParseAddr(host); err != nil || bad == nil || host == "" {
		return address
	}
	host = strings.TrimSuffix(host, ".")
	if !isHostName(ctx, host) {
		host += "."
	}
	return net.JoinHostPort(host, port)
}

// onlyHosts finds what stands in /etc/hosts.
var onlyHosts = &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
	return nil, errors.New("only /etc/hosts is asked")
}}

// isHostName reports whether a name is one of /etc/hosts that Go's resolver does
// not find with a dot: a single label such as localhost.
func isHostName(ctx context.Context, name string) bool {
	if strings.Contains(name, ".") {
		return false
	}
	addrs, err := onlyHosts.LookupNetIP(ctx, "ip", name)
	return err == nil && len(addrs) > 0
}
