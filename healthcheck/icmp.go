package healthcheck

import (
	"context"
	"net"
	"net/netip"
)

// ICMP is the check "icmp": an echo reply comes back.
type ICMP struct{}

var _ Check = ICMP{}

// Type returns "icmp".
func (ICMP) Type() string { return "icmp" }

// String returns "icmp".
func (ICMP) String() string { return "icmp" }

// Prober returns what pings.
func (ICMP) Prober() Prober { return icmpProber{openPing} }

type icmpProber struct {
	open func(from, addr netip.Addr) (pingConn, error)
}

// A pingConn is connected to an address, so that it hears nobody else.
type pingConn interface {
	net.Conn
	// ReadFrom reads a message without the header of IP, which Read may leave.
	ReadFrom([]byte) (int, net.Addr, error)
}

func (p icmpProber) Probe(ctx context.Context, addr netip.Addr) error {
	conn, err := p.open(sourceFor(ctx, addr), addr)
	if err != nil {
		return dialError(ctx, err)
	}
	defer conn.Close()
	defer endWith(ctx, conn)()
	socket, raw := conn.(*net.IPConn)
	e := newEcho(addr, raw)
	if raw {
		e.filter(socket)
		drain(socket)
	}
	if _, err := conn.Write(e.request()); err != nil {
		return talkError(ctx, "echo request", err)
	}
	return talkError(ctx, "waiting for the echo reply", e.await(conn))
}
