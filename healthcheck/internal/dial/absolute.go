package dial

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"
)

// absolute returns a host and port with a dot after the name. Without one a resolver also
// tries the search domains of resolv.conf, with ndots:5 before the name itself, and a
// wildcard in one of them answers for any name.
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

// onlyHosts looks up names in /etc/hosts only.
var onlyHosts = &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
	return nil, errors.New("only /etc/hosts is asked")
}}

// isHostName reports whether name is a single label in /etc/hosts, such as localhost. Go's
// resolver does not find these with a dot.
func isHostName(ctx context.Context, name string) bool {
	if strings.Contains(name, ".") {
		return false
	}
	addrs, err := onlyHosts.LookupNetIP(ctx, "ip", name)
	return err == nil && len(addrs) > 0
}
