package healthcheck

import (
	"context"
	"net/netip"
)

// TCP is the check "tcp": a connection opens, and the dialogue on it goes as
// expected.
type TCP struct {
	Target   Target // Port is set, Path is not
	Dialogue Dialogue
}

var _ Check = TCP{}

// Type returns "tcp".
func (TCP) Type() string { return "tcp" }

// String returns the check as it stands in the Corefile. What is sent may be
// a password.
func (c TCP) String() string { return "tcp " + c.Target.String() }

// Prober returns what connects. It panics if an expression does not compile.
func (c TCP) Prober() Prober { return &tcpProber{c.Target, c.Dialogue.steps(), dialNetwork} }

type tcpProber struct {
	target Target
	steps  []step
	dial   dialFunc
}

// tcpChunk holds most greetings. Many probes may wait for one at a time.
const tcpChunk = 512

func (p *tcpProber) Probe(ctx context.Context, addr netip.Addr) error {
	return once(p.Watch(ctx, addr))
}

// Watch implements [Watcher].
func (p *tcpProber) Watch(ctx context.Context, addr netip.Addr) (Watched, error) {
	conn, err := p.dial(ctx, "tcp", p.target.address(addr))
	if err != nil {
		return nil, dialError(ctx, err)
	}
	if p.steps != nil {
		t := &talk{conn: conn, chunk: tcpChunk}
		if err := t.hold(ctx, p.steps); err != nil {
			conn.Close()
			return nil, err
		}
	}
	return watchedConn{conn}, nil
}
