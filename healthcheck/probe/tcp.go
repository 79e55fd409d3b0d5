package probe

import (
	"context"
	"net/netip"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/healthcheck/internal/dial"
)

// TCP is the check "tcp". It passes if a connection opens and the dialogue on it goes as
// expected.
type TCP struct {
	Target        Target // Port is set, Path is not
	Dialogue      Dialogue
	ProxyProtocol byte       // version of the PROXY header that is sent first; 0 for none
	TLSOptions    TLSOptions // used if Dialogue starts TLS; then ServerName is set, unless Insecure is
}

var _ healthcheck.Check = TCP{}

// Type returns "tcp".
func (TCP) Type() string { return "tcp" }

// String returns the check as it stands in the Corefile, without the dialogue, which may
// contain a password.
func (c TCP) String() string { return "tcp " + c.Target.String() }

// Prober returns the prober. It panics if an expression does not compile.
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
	tls   *tlsSource // nil if no step starts TLS
}

// tcpChunk is room for most greetings. It is small because many probes may wait at a time.
const tcpChunk = 512

func (p *tcpProber) Probe(ctx context.Context, addr netip.Addr) error {
	return closeAfterPass(p.Watch(ctx, addr))
}

// Watch implements [healthcheck.Watcher]. It watches the connection below TLS.
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
