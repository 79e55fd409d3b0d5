package probe

import (
	"context"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/healthcheck/internal/dial"
)

// pipes returns a dial.Func whose connections are pipes, with handle at the other end.
// Unlike sockets, pipes work in synctest bubbles.
func pipes(handle func(net.Conn)) dial.Func {
	return func(context.Context, string, string) (net.Conn, error) {
		here, there := net.Pipe()
		go func() {
			defer there.Close()
			handle(there)
		}()
		return here, nil
	}
}

// ask probes addr with a deadline, as a checker does.
func ask(t testing.TB, p healthcheck.Prober, addr string) error {
	t.Helper()
	const timeout = 5 * time.Second
	ctx, cancel := healthcheck.WithTimeout(t.Context(), timeout)
	defer cancel()
	return p.Probe(ctx, netip.MustParseAddr(addr))
}
