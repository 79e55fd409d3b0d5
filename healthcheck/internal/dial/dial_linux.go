package dial

import (
	"context"
	"net"
	"net/netip"
	"syscall"

	"github.com/coredns-failover/failover/healthcheck"
)

// dial connects to an address in the shortest way, and to a name in that of the
// net package.
func connect(ctx context.Context, network, address string) (net.Conn, error) {
	to, err := netip.ParseAddrPort(address)
	if err != nil || to.Addr().Zone() != "" {
		return dialAny(ctx, network, address)
	}
	to = netip.AddrPortFrom(to.Addr().Unmap(), to.Port())
	if network == "tcp" {
		return dialTCP(ctx, to)
	}
	conn, err := openSocket(syscall.SOCK_DGRAM, 0, healthcheck.SourceFor(ctx, to.Addr()), to, setReportUnreachable)
	if err != nil {
		return nil, err // and no conn that is a nil in an interface
	}
	return conn, nil
}
