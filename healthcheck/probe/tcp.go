package probe

import (
	"context"
	"net/netip"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/healthcheck/internal/dial"
)

// TCP is the check "tcp": a connection opens, and the dialogue on it goes as
// expected.
type TCP struct {
	Target        Target // Port is set, Path is not
	Dialogue      Dialogue
	ProxyProtocol byte       // version of the PROXY header that is sent first; 0 for none
	TLSOptions    TLSOptions // of a Dialogue with StartTLS; ServerName is set then unless Insecure is
}

var _ healthcheck.Check = TCP{}

// Type returns "tcp".
func (TCP) Type() string { return "tcp" }

// String returns the check as it stands in the Corefile. What is sent may be
// a password.
func (c TCP) String() string { return "tcp " + c.Target.String() }

// Prober returns what connects. It panics if an expression does not compile.
func (c TCP) Prober() healthcheck.Prober { return c.prober(dial.Dial) }

func (c TCP) prober(open dial.Func) *tcpProber {
	p := &tcpProber{check: c, steps: c.Dialogue.steps(), dial: open}
	if c.Dialogue.StartsTLS() {
		p.tls = newTLSSource(c.TLSOptions)
	}
	return p
}

type tcpProber struct {
	check TCP
	steps []step
	dial  dial.Func
	tls   *tlsSource // nil without a step that starts TLS
}

// tcpChunk holds most greetings. Many probes may wait for one at a time.
const tcpChunk = 512

func (p *tcpProber) Probe(ctx context.Context, addr netip.Addr) error {
	return closeAfterPass(p.Watch(ctx, addr))
}

// Watch implements [Watcher]. What is watched is the connection below TLS.
func (p *tcpProber) Watch(ctx context.Context, addr netip.Addr) (healthcheck.Watched, error) {
	conn, err := connect(ctx, p.dial, p.check.Target.address(addr), p.check.ProxyProtocol)
	if err != nil {
		return nil, err
	}
	if p.steps != nil {
		d := &dialogueRun{conn: conn, chunk: tcpChunk, tls: p.tls}
		if err := d.run(ctx, p.steps); err != nil {
			conn.Close()
			return nil, err
		}
	}
	return watchedConn{conn}, nil
}
