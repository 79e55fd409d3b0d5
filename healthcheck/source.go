package healthcheck

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"strings"
)

// sources are the local addresses that a Spec wants its probes to come from.
// They travel in the context of the probe, because they are none of a check's
// business: whatever opens a socket asks for them.
type sources struct{ v4, v6 netip.Addr }

type sourcesKey struct{}

func withSources(ctx context.Context, s *Spec) context.Context {
	if !s.Source4.IsValid() && !s.Source6.IsValid() {
		return ctx
	}
	return context.WithValue(ctx, sourcesKey{}, sources{s.Source4, s.Source6})
}

// sourceFor returns the local address for a socket to an address, or one that is
// not valid if the kernel is to choose.
func sourceFor(ctx context.Context, to netip.Addr) netip.Addr {
	s, _ := ctx.Value(sourcesKey{}).(sources)
	if to.Unmap().Is4() {
		return s.v4
	}
	return s.v6
}

// sourcesFor returns the local addresses to try one after the other for a host
// and port; one that is not valid leaves the choice to the kernel. Which family a
// name is of shows when it is looked up.
func sourcesFor(ctx context.Context, address string) []netip.Addr {
	if to, err := netip.ParseAddrPort(address); err == nil {
		return []netip.Addr{sourceFor(ctx, to.Addr())}
	}
	s, _ := ctx.Value(sourcesKey{}).(sources)
	set := slices.DeleteFunc([]netip.Addr{s.v4, s.v6}, func(a netip.Addr) bool { return !a.IsValid() })
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
