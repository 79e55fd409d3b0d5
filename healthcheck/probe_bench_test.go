//go:build unix

package healthcheck_test

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/miekg/dns"
	"golang.org/x/net/icmp"
	"golang.org/x/net/ipv4"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/healthcheck/probe"
	"github.com/coredns-failover/failover/test/kit"
)

// BenchmarkProbe compares each probe, and the checker around it, with the least that a
// usual client does for the same result, on a new connection each time. It measures the
// CPU time of this process; the targets are in another one. The three alternate within
// each run, so that other load of the machine affects all of them.
func BenchmarkProbe(b *testing.B) {
	p := startTargets(b)
	target := func(kind string) probe.Target { return probe.Target{Port: p[kind]} }
	page := func(kind, path string) probe.Target { return probe.Target{Port: p[kind], Path: path} }
	url := func(kind, path string) string { return fmt.Sprintf("%s://127.0.0.1:%d%s", kind, p[kind], path) }
	addr := func(kind string) string { return fmt.Sprintf("127.0.0.1:%d", p[kind]) }
	unverified := probe.TLSOptions{Insecure: true}
	file := filepath.Join(b.TempDir(), "file")
	kit.Write(b, file, "127.0.0.1 up\n")
	kit.Age(b, file)
	for _, bm := range []struct {
		check healthcheck.Check
		bare  func(context.Context) error
	}{
		{probe.TCP{Target: target("tcp")}, bareTCP(addr("tcp"))},
		{probe.TLS{Target: target("https"), TLSOptions: unverified}, bareTLS(addr("https"))},
		{probe.HTTP{Target: page("http", "/healthz"), Host: "example.org"}, bareHTTP(url("http", "/healthz"))},
		{probe.HTTP{TLS: true, Target: page("https", "/healthz"), Host: "example.com", TLSOptions: unverified}, bareHTTP(url("https", "/healthz"))},
		{probe.GRPC{Target: target("grpc")}, bareGRPC(addr("grpc"))},
		{probe.DNS{Target: target("dns"), Name: "example.org.", RRType: dns.TypeA, RCodes: "NOERROR", Transport: "udp"}, bareDNS(addr("dns"))},
		{probe.UDP{Target: target("udp"), Dialogue: probe.Dialogue("").Send("ping").Expect("ping")}, bareUDP(addr("udp"))},
		{probe.ICMP{}, bareICMP},
		{probe.Exec{Path: "/bin/true"}, bareExec},
		{probe.Prometheus{Server: probe.Target{Host: "127.0.0.1", Port: p["http"]}, Query: "up"}, barePrometheus(url("http", "/api/v1/query?query=up"))},
		{probe.File{Path: file, Addr: kit.Loopback}, func(context.Context) error { _, err := os.ReadFile(file); return err }},
	} {
		b.Run(bm.check.Type(), func(b *testing.B) {
			if bm.check.Type() == "icmp" {
				if err := probe.CanPing(kit.Loopback); err != nil {
					b.Skip(err)
				}
			}
			compare(b, bm.check, bm.bare)
		})
	}
}

// batch is how many probes of one kind are measured together.
const batch = 10

func compare(b *testing.B, check healthcheck.Check, bare func(context.Context) error) {
	p := check.Prober()
	subjects := []func() error{
		func() error { return limited(b, bare) },
		func() error {
			return limited(b, func(ctx context.Context) error { return p.Probe(ctx, kit.Loopback) })
		},
		healthcheck.RunChecker(check),
	}
	spent := make([]time.Duration, len(subjects))
	for b.Loop() {
		for i, ask := range subjects {
			before := cpuTime()
			for range batch {
				if err := ask(); err != nil {
					b.Fatal(err)
				}
			}
			spent[i] += cpuTime() - before
		}
	}
	b.ReportMetric(0, "ns/op") // the sum of all three says nothing
	per := func(i int) float64 { return float64(spent[i]) / float64(b.N*batch) }
	b.ReportMetric(per(0), "cpu-ns/bare")
	b.ReportMetric(per(1), "cpu-ns/probe")
	b.ReportMetric(per(2), "cpu-ns/checker")
	b.ReportMetric(per(2)/per(0), "x-bare")
}

// limited calls ask with a deadline, as a checker does.
func limited(b *testing.B, ask func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(b.Context(), time.Second)
	defer cancel()
	return ask(ctx)
}

// cpuTime returns the CPU time of this process so far, without its children.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func bareTCP(addr string) func(context.Context) error {
	return func(ctx context.Context) error {
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", addr)
		if err != nil {
			return err
		}
		return conn.Close()
	}
}

func bareTLS(addr string) func(context.Context) error {
	d := &tls.Dialer{Config: &tls.Config{InsecureSkipVerify: true}}
	return func(ctx context.Context) error {
		conn, err := d.DialContext(ctx, "tcp", addr)
		if err != nil {
			return err
		}
		return conn.Close()
	}
}

var bareClient = &http.Client{Transport: &http.Transport{
	DisableKeepAlives: true,
	TLSClientConfig:   &tls.Config{InsecureSkipVerify: true},
}}

func get(ctx context.Context, url string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	return bareClient.Do(req)
}

func bareHTTP(url string) func(context.Context) error {
	return func(ctx context.Context) error {
		resp, err := get(ctx, url)
		if err != nil {
			return err
		}
		return resp.Body.Close()
	}
}

// An apiReply is a reply of the HTTP API of Prometheus.
type apiReply struct {
	Status    string   `json:"status"`
	ErrorType string   `json:"errorType"`
	Error     string   `json:"error"`
	Warnings  []string `json:"warnings"`
	Data      struct {
		Type   string          `json:"resultType"`
		Result json.RawMessage `json:"result"`
	} `json:"data"`
}

func barePrometheus(url string) func(context.Context) error {
	return func(ctx context.Context) error {
		resp, err := get(ctx, url)
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		return json.NewDecoder(resp.Body).Decode(new(apiReply))
	}
}

func bareGRPC(addr string) func(context.Context) error {
	return func(ctx context.Context) error {
		client, err := grpc.NewClient("passthrough:///"+addr, grpc.WithTransportCredentials(insecure.NewCredentials()))
		if err != nil {
			return err
		}
		defer client.Close()
		_, err = healthpb.NewHealthClient(client).Check(ctx, new(healthpb.HealthCheckRequest))
		return err
	}
}

func bareDNS(addr string) func(context.Context) error {
	return func(ctx context.Context) error {
		q := new(dns.Msg).SetQuestion("example.org.", dns.TypeA)
		_, _, err := new(dns.Client).ExchangeContext(ctx, q, addr)
		return err
	}
}

// bareExec reads the program's output too, as the probe does.
func bareExec(ctx context.Context) error {
	_, err := exec.CommandContext(ctx, "/bin/true").CombinedOutput()
	return err
}

func bareUDP(addr string) func(context.Context) error {
	return func(ctx context.Context) error {
		conn, err := new(net.Dialer).DialContext(ctx, "udp", addr)
		if err != nil {
			return err
		}
		defer conn.Close()
		deadline, _ := ctx.Deadline()
		conn.SetDeadline(deadline)
		conn.Write([]byte("ping"))
		_, err = conn.Read(make([]byte, 64))
		return err
	}
}

// bareICMP pings with package icmp alone.
func bareICMP(ctx context.Context) error {
	conn, err := icmp.ListenPacket("udp4", "127.0.0.1")
	var to net.Addr = &net.UDPAddr{IP: kit.Loopback.AsSlice()}
	if err != nil {
		conn, err = icmp.ListenPacket("ip4:icmp", "127.0.0.1")
		to = &net.IPAddr{IP: kit.Loopback.AsSlice()}
	}
	if err != nil {
		return err
	}
	defer conn.Close()
	deadline, _ := ctx.Deadline()
	conn.SetDeadline(deadline)
	ping := icmp.Message{Type: ipv4.ICMPTypeEcho, Body: &icmp.Echo{ID: os.Getpid(), Seq: 1, Data: []byte("0123456789abcdef")}}
	if _, err := conn.WriteTo(must(ping.Marshal(nil)), to); err != nil {
		return err
	}
	for buf := make([]byte, 128); ; { // a raw socket reads the request too
		n, _, err := conn.ReadFrom(buf)
		if err != nil {
			return err
		}
		if m, err := icmp.ParseMessage(1, buf[:n]); err == nil && m.Type == ipv4.ICMPTypeEchoReply {
			return nil
		}
	}
}
