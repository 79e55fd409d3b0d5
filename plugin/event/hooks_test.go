package event

import (
	"context"
	golog "log"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	clog "github.com/coredns/coredns/plugin/pkg/log"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/healthcheck/probe"
	"github.com/coredns-failover/failover/plugin/pool"
	"github.com/coredns-failover/failover/test/kit"
)

var _ pool.Observer = (*Observer)(nil)

func ignore(healthcheck.Key, healthcheck.Result, time.Duration) {}

// Log lines of a check have the check, the address and the reason.
func TestLogCheck(t *testing.T) {
	var out strings.Builder
	clog.SetOutput(&out)
	defer clog.Discard()
	Hooks(ignore, Log).Changed(healthcheck.Transition{
		Key:    healthcheck.Key{Spec: healthcheck.Spec{Check: probe.TCP{}}},
		From:   healthcheck.Up,
		To:     healthcheck.Down,
		Reason: "5 failures in 3.1s: connect: connection refused",
	})
	if want := "up -> down: 5 failures in 3.1s: connect: connection refused"; !strings.Contains(out.String(), want) {
		t.Errorf("logged %q", out.String())
	}
}

// A hasty check panics at every probe.
type hasty struct{}

func (hasty) Type() string   { return "hasty" }
func (hasty) String() string { return "hasty" }
func (hasty) Prober() healthcheck.Prober {
	return healthcheck.ProberFunc(func(context.Context, netip.Addr) error { panic("too fast") })
}

// A probe that panics has failed. Its stack is logged once.
func TestPanicInAProbe(t *testing.T) {
	var said kit.Buffer
	golog.SetOutput(&said)
	defer clog.Discard()
	synctest.Test(t, func(t *testing.T) {
		r := healthcheck.NewRegistry(Hooks(ignore, Log))
		lease := r.Acquire(healthcheck.Key{
			Spec: healthcheck.Spec{
				Check: hasty{}, Interval: time.Second, Timeout: time.Second, FastInterval: time.Second,
				Fall: healthcheck.DefaultFall, Rise: healthcheck.DefaultRise,
			},
			Addr: netip.MustParseAddr("192.0.2.1"),
		}, healthcheck.Unknown, func(healthcheck.Transition) {})
		time.Sleep(time.Minute)
		if s := lease.State(); s != healthcheck.Down {
			t.Errorf("the endpoint is %s", s)
		}
		r.Release(lease)
	})
	text := said.String()
	if strings.Count(text, "the probe panicked: too fast") != 2 || strings.Count(text, "hooks_test.go") != 1 {
		t.Errorf("the log says:\n%s", text)
	}
	if !strings.Contains(text, "unknown -> down: 2 failures in 1s: the probe panicked: too fast") {
		t.Errorf("no transition in:\n%s", text)
	}
}
