package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"os"
	"sync/atomic"
	"text/tabwriter"
	"time"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/plugin/answer"
	"github.com/coredns-failover/failover/plugin/policy"
	"github.com/coredns-failover/failover/plugin/pool"
)

// transition measures the time from a probe that decides to the first answer after it. Every
// probe decides: its result is the opposite of the last.
func transition(ctx context.Context) error {
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "from ... to\ttransitions\tmedian us\tp99\tmax\t")
	for _, m := range []struct {
		name    string
		measure func(context.Context) ([]time.Duration, error)
	}{
		{"return of the probe ... answer made", transitionInside},
		{"word of the target ... answer received", transitionOutside},
	} {
		took, err := m.measure(ctx)
		if err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
		us := func(d time.Duration) float64 { return float64(d) / 1e3 }
		median, p99, most := spread(took)
		fmt.Fprintf(table, "%s\t%d\t%.0f\t%.0f\t%.0f\t\n", m.name, len(took), us(median), us(p99), us(most))
	}
	return table.Flush()
}

// A fickle target passes every other probe.
type fickle struct {
	asked int
	ended atomic.Pointer[time.Time] // when the last probe ended
}

// next reports whether the next probe passes.
func (f *fickle) next() bool {
	f.asked++
	return f.asked%2 == 1
}

// measureChanges calls ask again and again, and returns the times from the end of a probe to the
// change of the address that it caused.
func (f *fickle) measureChanges(ctx context.Context, ask func() (string, error)) (took []time.Duration, err error) {
	ctx, cancel := context.WithTimeout(ctx, time.Duration(*changes)*10*fickleInterval)
	defer cancel()
	last := ""
	for len(took) < *changes && ctx.Err() == nil {
		now, err := ask()
		if err != nil {
			return nil, err
		}
		if now != last && last != "" {
			took = append(took, time.Since(*f.ended.Load()))
		}
		last = now
	}
	return took, ctx.Err()
}

func (f *fickle) markEnd() {
	now := time.Now()
	f.ended.Store(&now)
}

const fickleInterval = 20 * time.Millisecond

// transitionInside asks a Tracker in this process.
func transitionInside(ctx context.Context) ([]time.Duration, error) {
	f := new(fickle)
	spec := healthcheck.Spec{
		Check:    f,
		Interval: fickleInterval, Timeout: fickleInterval, FastInterval: fickleInterval,
		Fall: healthcheck.Threshold{Count: 1}, Rise: healthcheck.Threshold{Count: 1},
	}
	first, second := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.2")
	checks := []healthcheck.Key{{Spec: spec, Addr: first}}
	chain := pool.NewTracker(&pool.Record{Name: "app.example.org.", Pools: []pool.Pool{
		{Name: "primary", MinHealthy: pool.Quorum{Count: 1}, Endpoints: []pool.Endpoint{{Addr: first, Checks: checks, Require: 1}}},
		{Name: "secondary", MinHealthy: pool.Quorum{Count: 1}, Endpoints: []pool.Endpoint{{Addr: second}}},
	}}, noObserver{})
	registry := healthcheck.NewRegistry(healthcheck.Hooks{})
	chain.Start(registry, nil)
	defer chain.Stop(registry)
	q := new(dns.Msg)
	q.SetQuestion("app.example.org.", dns.TypeA)
	return f.measureChanges(ctx, func() (string, error) {
		v := chain.View()
		return address(answer.Records(q, policy.Pick(v.Set(v.Pool), dns.TypeA, policy.Client{})))
	})
}

// address returns the first address of an answer.
func address(m *dns.Msg) (string, error) {
	if len(m.Answer) == 0 {
		return "", errors.New("an answer without addresses")
	}
	return dns.Field(m.Answer[0], 1), nil
}

// Type implements healthcheck.Check.
func (f *fickle) Type() string { return "fickle" }

// String implements healthcheck.Check.
func (f *fickle) String() string { return "fickle" }

// Prober implements healthcheck.Check.
func (f *fickle) Prober() healthcheck.Prober {
	return healthcheck.ProberFunc(func(context.Context, netip.Addr) error {
		defer f.markEnd()
		if f.next() {
			return nil
		}
		return errors.New("every other probe fails")
	})
}

// noObserver is a pool.Observer that does nothing.
type noObserver struct{}

func (noObserver) EndpointChanged(int, string, healthcheck.State) {}
func (noObserver) EndpointGone(int, string)                       {}
func (noObserver) ViewChanged(_, _ *pool.View, _ string)          {}

// transitionOutside asks a server, whose target is in this process.
func transitionOutside(ctx context.Context) ([]time.Duration, error) {
	f := new(fickle)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	defer l.Close()
	go (&http.Server{Handler: f, ReadHeaderTimeout: time.Second}).Serve(l)
	udp, err := freePort()
	if err != nil {
		return nil, err
	}
	server, err := startServer(ctx, fmt.Sprintf(`example.org:%s {
	bind 127.0.0.1
	failover app.example.org {
		primary 127.0.0.1
		secondary 127.0.0.2 {
			check none
		}
		check http :%d {
			interval %s
			timeout %[3]s
			fall 1
			rise 1
			damping off
			jitter 0%%
		}
	}
}
`, udp, l.Addr().(*net.TCPAddr).Port, fickleInterval))
	if err != nil {
		return nil, err
	}
	defer server.stop()
	conn, err := dns.Dial("udp", "127.0.0.1:"+udp)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	q := new(dns.Msg)
	q.SetQuestion("app.example.org.", dns.TypeA)
	return f.measureChanges(ctx, func() (string, error) {
		m, _, err := new(dns.Client).ExchangeWithConnContext(ctx, q, conn)
		if err != nil {
			return "", err
		}
		return address(m)
	})
}

// ServeHTTP answers a probe. The reply is sent after the handler has returned, so the time
// includes its way to the server.
func (f *fickle) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	defer f.markEnd()
	if !f.next() {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
}
