package dial

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"strings"

	"github.com/coredns-failover/failover/healthcheck"
)

// sourcesFor returns the local addresses to try one after the other for a host
// and port; one that is not valid leaves the choice to the kernel. Which family a
// name is of shows when it is looked up.
func sourcesFor(ctx context.Context, address string) []netip.Addr {
	if to, err := netip.ParseAddrPort(address); err == nil {
		return []netip.Addr{healthcheck.SourceFor(ctx, to.Addr())}
	}
	set := []netip.Addr{healthcheck.SourceFor(ctx, netip.IPv4Unspecified()), healthcheck.SourceFor(ctx, netip.IPv6Unspecified())}
	set = slices.DeleteFunc(set, func(a netip.Addr) bool { return !a.IsValid() })
	return append(set, netip.Addr{})
}

// dialFrom dials from the source that the probe wants for an address. A name in it
// is absolute.
func dialFrom(ctx context.Context, d *net.Dialer, network, address string) (conn net.Conn, err error) {
	address = absolute(ctx, address)
	for _, source := range sourcesFor(ctx, address) {
		var otherFamily *net.AddrError
		if conn, err = from(source, d, network).DialContext(ctx, network, address); !errors.As(err, &otherFamily) {
			break
		}
	}
	return conn, err
}

// from returns d, or one like it that sends from source.
func from(source netip.Addr, d *net.Dialer, network string) *net.Dialer {
	if !source.IsValid() {
		return d
	}
	bound, local := *d, netip.AddrPortFrom(source, 0)
	bound.LocalAddr = net.TCPAddrFromAddrPort(local)
	if strings.HasPrefix(network, "udp") {
		bound.LocalAddr = net.UDPAddrFromAddrPort(local)
	}
	return &bound
}
