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

// sourcesFor returns the local addresses to try, one after the other, for a host and port.
// For an address that is not valid, the kernel chooses. For a name there are several: its
// family is known only after the lookup.
func sourcesFor(ctx context.Context, address string) []netip.Addr {
	if to, err := netip.ParseAddrPort(address); err == nil {
		return []netip.Addr{healthcheck.SourceFor(ctx, to.Addr())}
	}
	set := []netip.Addr{healthcheck.SourceFor(ctx, netip.IPv4Unspecified()), healthcheck.SourceFor(ctx, netip.IPv6Unspecified())}
	set = slices.DeleteFunc(set, func(a netip.Addr) bool { return !a.IsValid() })
	return append(set, netip.Addr{})
}

// dialFrom dials an address from the source in ctx. A name is taken as absolute.
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

// from returns d with source as local address, if that is valid.
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
