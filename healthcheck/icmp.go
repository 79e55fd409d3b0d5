package healthcheck

import (
	"context"
	"net"
	"net/netip"
	"sync/atomic"
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
	// open returns a connection to an address that hears nobody else, and whether
	// it is a raw one.
	open func(from, addr netip.Addr) (conn net.Conn, raw bool, err error)
}

// rawPings are those in flight. Each may hear the replies to all that were there
// before it, of which its buffer holds some hundred.
var rawPings atomic.Int32

const crowd = 50

func (p icmpProber) Probe(ctx context.Context, addr netip.Addr) error {
	conn, raw, err := p.open(sourceFor(ctx, addr), addr)
	if err != nil {
		return dialError(ctx, err)
	}
	defer conn.Close()
	defer endWith(ctx, conn)()
	e := newEcho(addr, raw)
	if raw {
		defer rawPings.Add(-1)
		e.tidy(conn, rawPings.Add(1) > crowd)
	}
	if _, err := conn.Write(e.request()); err != nil {
		return talkError(ctx, "echo request", err)
	}
	return talkError(ctx, "waiting for the echo reply", e.await(conn))
}
