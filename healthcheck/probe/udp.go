package probe

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"sync"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/healthcheck/internal/dial"
)

// UDP is the check "udp". It passes if the dialogue goes as expected. If nothing is
// expected, it passes if no ICMP error comes before the timeout.
type UDP struct {
	Target   Target   // Port is set, Path is not
	Dialogue Dialogue // each text is a datagram; if none is sent first, an empty one is
}

var _ healthcheck.Check = UDP{}

// Type returns "udp".
func (UDP) Type() string { return "udp" }

// String returns the check as it stands in the Corefile.
func (c UDP) String() string { return "udp " + c.Target.String() }

// Prober returns the prober. It panics if an expression does not compile.
func (c UDP) Prober() healthcheck.Prober {
	p := udpProber{c.Target, c.Dialogue.steps(), dial.Dial}
	if len(p.steps) == 0 || p.steps[0].expr != nil {
		p.steps = append([]step{{}}, p.steps...) // a server answers only a datagram
	}
	return p
}

type udpProber struct {
	target Target
	steps  []step
	dial   dial.Func
}

// udpBuffers have room for the largest datagram: the kernel drops what does not fit.
var udpBuffers = sync.Pool{New: func() any { return new([maxUnmatched]byte) }}

// udpChunk is the least room for the next datagram while nothing has matched.
const udpChunk = 2 << 10

func (p udpProber) Probe(ctx context.Context, addr netip.Addr) error {
	conn, err := p.dial(ctx, "udp", p.target.address(addr))
	if err != nil {
		return dial.Error(ctx, err)
	}
	defer conn.Close()
	if err := p.runDialogue(ctx, conn); err != nil || p.expects() {
		return err
	}
	return awaitRefusal(ctx, conn)
}

func (p udpProber) runDialogue(ctx context.Context, conn net.Conn) error {
	buffer := udpBuffers.Get().(*[maxUnmatched]byte)
	defer udpBuffers.Put(buffer)
	d := &dialogueRun{conn: conn, chunk: udpChunk, unmatched: buffer[:0]}
	return d.run(ctx, p.steps)
}

func (p udpProber) expects() bool {
	return slices.ContainsFunc(p.steps, func(s step) bool { return s.expr != nil })
}

// awaitRefusal waits for an ICMP error until the deadline of ctx, and returns nil if none
// comes. A datagram from the server ends the wait: it shows that the port is open.
func awaitRefusal(ctx context.Context, conn net.Conn) error {
	defer dial.EndWith(ctx, conn)()
	_, err := conn.Read(make([]byte, 1))
	if dial.IsTimeout(err) && dial.Ended(ctx, err) && errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return nil
	}
	return connError(ctx, "waiting for the answer", err)
}
