package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/healthcheck/probe"
)

// subjects holds functions that start a process which probes all endpoints of a kind.
var subjects = map[string]func(context.Context, kind) (*process, error){
	"server": func(ctx context.Context, k kind) (*process, error) {
		return startProbingServer(ctx, *binary, ours, k)
	},
	"registry": func(ctx context.Context, k kind) (*process, error) {
		return start(ctx, selfCommand("registry", k.name)...)
	},
	"bare": func(ctx context.Context, k kind) (*process, error) { return start(ctx, selfCommand("bare", k.name)...) },
}

// A site is where a server listens: how far its ports are from the usual ones.
type site int

// The servers that may run at a time.
const (
	ours site = iota
	theirs
)

func (s site) metrics() string { return fmt.Sprintf("127.0.0.1:%d", 9153+int(s)) }
func (s site) pprof() string   { return fmt.Sprintf("127.0.0.1:%d", 6053+int(s)) }

// startProbingServer starts a server with the endpoints in records of two pools of two.
func startProbingServer(ctx context.Context, binary string, at site, k kind) (*process, error) {
	var s strings.Builder
	fmt.Fprintf(&s, "example.org:%d {\nbind 127.0.0.1\nprometheus %s\npprof %s\nfailover {\n", 1053+int(at), at.metrics(), at.pprof())
	fmt.Fprintf(&s, "check %s {\ninterval %s\njitter %d%%\n}\n", k.corefile(), *every, *jitter)
	addrs := k.endpoints()
	for i := 0; i+4 <= len(addrs); i += 4 {
		fmt.Fprintf(&s, "record app%d {\nprimary %s %s\nsecondary %s %s\n}\n", i/4, addrs[i], addrs[i+1], addrs[i+2], addrs[i+3])
	}
	s.WriteString("}\n}\n")
	return startBinary(ctx, binary, s.String())
}

// corefile returns the check as it is written in a Corefile.
func (k kind) corefile() string {
	if c, ok := k.check.(probe.HTTP); ok {
		return "http " + c.Target.String()
	}
	return k.check.String()
}

// runRegistry probes with package healthcheck alone.
func runRegistry(context.Context) error {
	k, r := kindArg(), newRecorder()
	registry := healthcheck.NewRegistry(healthcheck.Hooks{})
	spec := healthcheck.Spec{
		Check:    recordedCheck{k.check, r},
		Interval: *every, Timeout: healthcheck.DefaultTimeout, FastInterval: healthcheck.DefaultFastInterval,
		Fall: healthcheck.DefaultFall, Rise: healthcheck.DefaultRise, Jitter: *jitter,
	}
	for _, addr := range k.endpoints() {
		registry.Acquire(healthcheck.Key{Spec: spec, Addr: addr}, healthcheck.Unknown, func(healthcheck.Transition) {})
	}
	return r.serve()
}

// A recordedCheck records when its probes begin.
type recordedCheck struct {
	healthcheck.Check
	r *recorder
}

func (c recordedCheck) Prober() healthcheck.Prober {
	p := c.Check.Prober()
	return healthcheck.ProberFunc(func(ctx context.Context, addr netip.Addr) error {
		c.r.probed(addr)
		return p.Probe(ctx, addr)
	})
}

// runBare probes each endpoint in a goroutine with the standard library, and ignores the
// result.
func runBare(context.Context) error {
	k, r := kindArg(), newRecorder()
	ask := dial
	if k.check != tcpCheck {
		ask = get
	}
	step := time.Second // over which the first probes are spread
	if *jitter > 0 {
		step = *every
	}
	for i, addr := range k.endpoints() {
		next := time.Now().Add(time.Duration(i) * step / time.Duration(*count))
		go func() {
			for {
				time.Sleep(time.Until(next))
				next = time.Now().Add(*every)
				r.probed(addr)
				_ = ask(netip.AddrPortFrom(addr, port).String())
			}
		}()
	}
	return r.serve()
}

func dial(addr string) error {
	conn, err := net.DialTimeout("tcp", addr, healthcheck.DefaultTimeout)
	if err != nil {
		return err
	}
	return conn.Close()
}

var client = &http.Client{
	Transport: &http.Transport{DisableKeepAlives: true},
	Timeout:   healthcheck.DefaultTimeout,
}

func get(addr string) error {
	resp, err := client.Get("http://" + addr + httpCheck.Target.Path)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}
