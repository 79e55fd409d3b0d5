package dial

import (
	"context"
	"net"
	"net/netip"
	"syscall"

	"github.com/coredns-failover/failover/healthcheck"
)

// connect connects to an address with few system calls, and to a name with the net package.
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
		return nil, err // not conn: a nil *socket in an interface is not nil
	}
	return conn, nil
}
