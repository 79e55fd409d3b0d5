package probe

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/coredns-failover/failover/healthcheck"
)

// Heartbeat is the check "heartbeat": something says now and then that it is alive.
type Heartbeat struct {
	Name  string
	Grace time.Duration // for how long a beat counts
}

var _ healthcheck.Check = Heartbeat{}

// Type returns "heartbeat".
func (Heartbeat) Type() string { return "heartbeat" }

// String returns the check as it stands in the Corefile.
func (c Heartbeat) String() string { return "heartbeat " + c.Name }

// Prober returns what looks at the beats.
func (c Heartbeat) Prober() healthcheck.Prober {
	return &heartbeatProber{check: c, start: time.Now()}
}

type heartbeatProber struct {
	check Heartbeat
	start time.Time
}

var errNoBeat = errors.New("no beat yet")

// Probe fails if the last beat is too long ago, or was a failed one. Before the first one
// it says nothing until the time for it is over.
func (p *heartbeatProber) Probe(context.Context, netip.Addr) error {
	last, now := lastBeat(p.check.Name), time.Now()
	switch {
	case last.at.IsZero() && now.Sub(p.start) <= p.check.Grace:
		return healthcheck.MarkInconclusive(errNoBeat)
	case last.at.IsZero():
		return fmt.Errorf("no beat within %s", p.check.Grace)
	case now.Sub(last.at) > p.check.Grace:
		return fmt.Errorf("the last beat is %s old", now.Sub(last.at).Round(time.Second))
	}
	return last.err
}
