package healthcheck

import (
	"context"
	"net/netip"
)

// TCP is the check "tcp": a connection opens.
type TCP struct {
	Target Target // Port is set, Path is not
}

var _ Check = TCP{}

// Type returns "tcp".
func (TCP) Type() string { return "tcp" }

// String returns the check as it stands in the Corefile.
func (c TCP) String() string { return "tcp " + c.Target.String() }

// Prober returns what connects.
func (c TCP) Prober() Prober { return tcpProber{c.Target, dialNetwork} }

type tcpProber struct {
	target Target
	dial   dialFunc
}

func (p tcpProber) Probe(ctx context.Context, addr netip.Addr) error {
	conn, err := p.dial(ctx, "tcp", p.target.address(addr))
	if err != nil {
		return dialError(ctx, err)
	}
	conn.Close()
	return nil
}
