package healthcheck

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"
	"time"
)

// The probes are compared with the least that the standard library can do for
// the same result: a dial and a close, and a client that makes a connection for
// each request. All run against the same servers on loopback.

var loopback = netip.MustParseAddr("127.0.0.1")

// benchmark asks p again and again, each time with a deadline, as a checker does.
func benchmark(b *testing.B, p Prober) {
	b.ReportAllocs()
	for b.Loop() {
		ctx, cancel := context.WithTimeout(b.Context(), time.Second)
		if err := p.Probe(ctx, loopback); err != nil {
			b.Fatal(err)
		}
		cancel()
	}
}

func BenchmarkTCP(b *testing.B) {
	l := listen(b, func(conn net.Conn) { io.Copy(io.Discard, conn) })
	b.Run("probe", func(b *testing.B) { benchmark(b, TCP{Target: Target{Port: portOfListener(l)}}.Prober()) })
	b.Run("bare", func(b *testing.B) {
		benchmark(b, ProberFunc(func(ctx context.Context, _ netip.Addr) error {
			conn, err := new(net.Dialer).DialContext(ctx, "tcp", l.Addr().String())
			if err != nil {
				return err
			}
			return conn.Close()
		}))
	})
}

func BenchmarkHTTP(b *testing.B) {
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer server.Close()
	check := HTTP{Target: Target{Port: portOfListener(server.Listener), Path: "/healthz"}, Host: "example.org"}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	b.Run("probe", func(b *testing.B) { benchmark(b, check.Prober()) })
	b.Run("bare", func(b *testing.B) { benchmark(b, get(client, server.URL+"/healthz")) })
}

func BenchmarkHTTPS(b *testing.B) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer server.Close()
	check := HTTP{TLS: true, Target: Target{Port: portOfListener(server.Listener), Path: "/healthz"}, Host: "example.com"}
	check.TLSOptions.Insecure = true
	client := &http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		TLSClientConfig:   &tls.Config{InsecureSkipVerify: true},
	}}
	b.Run("probe", func(b *testing.B) { benchmark(b, check.Prober()) })
	b.Run("bare", func(b *testing.B) { benchmark(b, get(client, server.URL+"/healthz")) })
}

func get(client *http.Client, url string) ProberFunc {
	return func(ctx context.Context, _ netip.Addr) error {
		req, err := http.NewRequestWithContext(ctx, "GET", url, nil)
		if err != nil {
			return err
		}
		resp, err := client.Do(req)
		if err != nil {
			return err
		}
		return resp.Body.Close()
	}
}

func BenchmarkTLS(b *testing.B) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer server.Close()
	check := TLS{Target: Target{Port: portOfListener(server.Listener)}, TLSOptions: TLSOptions{Insecure: true}}
	b.Run("probe", func(b *testing.B) { benchmark(b, check.Prober()) })
	b.Run("bare", func(b *testing.B) {
		d := &tls.Dialer{Config: &tls.Config{InsecureSkipVerify: true}}
		benchmark(b, ProberFunc(func(ctx context.Context, _ netip.Addr) error {
			conn, err := d.DialContext(ctx, "tcp", server.Listener.Addr().String())
			if err != nil {
				return err
			}
			return conn.Close()
		}))
	})
}

func BenchmarkUDP(b *testing.B) {
	peer, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer peer.Close()
	go func() {
		buf := make([]byte, 64)
		for {
			n, from, err := peer.ReadFrom(buf)
			if err != nil {
				return
			}
			peer.WriteTo(buf[:n], from)
		}
	}()
	check := UDP{
		Target:   Target{Port: uint16(peer.LocalAddr().(*net.UDPAddr).Port)},
		Dialogue: Dialogue("").Send("ping").Expect("ping"),
	}
	b.Run("probe", func(b *testing.B) { benchmark(b, check.Prober()) })
	b.Run("bare", func(b *testing.B) {
		benchmark(b, ProberFunc(func(ctx context.Context, _ netip.Addr) error {
			conn, err := new(net.Dialer).DialContext(ctx, "udp", peer.LocalAddr().String())
			if err != nil {
				return err
			}
			defer conn.Close()
			deadline, _ := ctx.Deadline()
			conn.SetDeadline(deadline)
			conn.Write([]byte("ping"))
			_, err = conn.Read(make([]byte, 64))
			return err
		}))
	})
}

// The bare ping is one on an open socket: no library shares ours.
func BenchmarkICMP(b *testing.B) {
	needPing(b)
	b.Run("probe", func(b *testing.B) { benchmark(b, ICMP{}.Prober()) })
	b.Run("bare", func(b *testing.B) {
		conn, err := openPing(netip.Addr{}, loopback)
		if err != nil {
			b.Fatal(err)
		}
		defer conn.Close()
		_, raw := conn.(*net.IPConn)
		benchmark(b, ProberFunc(func(context.Context, netip.Addr) error {
			e := newEcho(loopback, raw)
			if _, err := conn.Write(e.request()); err != nil {
				return err
			}
			return e.await(conn)
		}))
	})
}
