package probe

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"sync/atomic"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/healthcheck/internal/dial"
)

// ICMP is the check "icmp". It passes if the endpoint answers an echo request.
type ICMP struct{}

var _ healthcheck.Check = ICMP{}

// Type returns "icmp".
func (ICMP) Type() string { return "icmp" }

// String returns "icmp".
func (ICMP) String() string { return "icmp" }

// Prober returns the prober.
func (ICMP) Prober() healthcheck.Prober { return icmpProber{dial.OpenPing} }

var errPing = errors.New("expected to be allowed to send echo requests: neither is a group of this process in the range " +
	"of the sysctl net.ipv4.ping_group_range, nor has the process the capability CAP_NET_RAW")

// CanPing returns an error if this process may not send echo requests to addresses of
// addr's family. The error says what is missing.
func CanPing(addr netip.Addr) error {
	to := netip.AddrFrom4([4]byte{127, 0, 0, 1})
	if addr.Is6() {
		to = netip.IPv6Loopback()
	}
	conn, _, err := dial.OpenPing(netip.Addr{}, to) // sends nothing
	if err == nil {
		return conn.Close()
	}
	if dial.IsForbidden(err) {
		return errPing
	}
	return nil
}

type icmpProber struct {
	// open returns a connection to addr that receives from addr alone, and whether it
	// is a raw socket.
	open func(from, addr netip.Addr) (conn net.Conn, raw bool, err error)
}

// rawPings is how many probes use a raw socket now.
var rawPings atomic.Int32

// maxUnfiltered is how many raw sockets may be open without a filter. Each may receive
// the replies to the requests of the others, and its buffer holds about a hundred.
const maxUnfiltered = 50

func (p icmpProber) Probe(ctx context.Context, addr netip.Addr) error {
	conn, raw, err := p.open(healthcheck.SourceFor(ctx, addr), addr)
	if err != nil {
		return dial.Error(ctx, err)
	}
	defer conn.Close()
	defer dial.EndWith(ctx, conn)()
	e := newEcho(addr, raw)
	if raw {
		defer rawPings.Add(-1)
		e.makeRoom(conn, rawPings.Add(1) > maxUnfiltered)
	}
	if _, err := conn.Write(e.request()); err != nil {
		return connError(ctx, "echo request", err)
	}
	return connError(ctx, "waiting for the echo reply", e.await(conn))
}
