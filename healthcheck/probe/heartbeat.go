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

var _ healthcheck.Clocked = Heartbeat{}

// Type returns "heartbeat".
func (Heartbeat) Type() string { return "heartbeat" }

// String returns the check as it stands in the Corefile.
func (c Heartbeat) String() string { return "heartbeat " + c.Name }

// Prober is ProberAt the time of day.
func (c Heartbeat) Prober() healthcheck.Prober { return c.ProberAt(time.Now) }

// ProberAt returns what looks at the beats, and starts now.
func (c Heartbeat) ProberAt(now func() time.Time) healthcheck.Prober {
	return &heartbeatProber{check: c, now: now, start: now()}
}

type heartbeatProber struct {
	check Heartbeat
	now   func() time.Time
	start time.Time
}

var errNoBeat = errors.New("no beat yet")

// Probe fails if the last beat is too long ago, or was a failed one. Before the first one
// it is inconclusive until the time for it is over.
func (p *heartbeatProber) Probe(context.Context, netip.Addr) error {
	last, now := lastBeat(p.check.Name), p.now()
	age := now.Sub(last.Time)
	switch {
	case last.Time.IsZero() && now.Sub(p.start) <= p.check.Grace:
		return healthcheck.MarkInconclusive(errNoBeat)
	case last.Time.IsZero():
		return fmt.Errorf("no beat within %s", p.check.Grace)
	case age > p.check.Grace:
		lapse(p.check.Name, last)
		return fmt.Errorf("the last beat was %s ago, expected one within %s", age.Round(time.Millisecond), p.check.Grace)
	case last.Failure != "":
		return fmt.Errorf("the last beat was a failed one: %s", excerpt(last.Failure))
	}
	return nil
}
