package probe

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pires/go-proxyproto"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/healthcheck/internal/dial"
	"github.com/coredns-failover/failover/test/kit"
)

// behindProxy serves connections with handle, after any PROXY header. It sends the header
// to the channel.
func behindProxy(t *testing.T, handle func(net.Conn)) (port uint16, said chan string) {
	said = make(chan string, 10)
	l := kit.Listen(t, func(conn net.Conn) {
		r := bufio.NewReader(conn)
		header, err := proxyproto.Read(r)
		switch {
		case errors.Is(err, proxyproto.ErrNoProxyProtocol):
			said <- "none"
		case err != nil:
			said <- err.Error()
		default:
			own := header.SourceAddr.String() == conn.RemoteAddr().String() && header.DestinationAddr.String() == conn.LocalAddr().String()
			said <- fmt.Sprintf("%d %v", header.Version, own)
		}
		handle(bufferedConn{conn, r})
	})
	return kit.PortOfListener(l), said
}

type bufferedConn struct {
	net.Conn
	r *bufio.Reader
}

func (c bufferedConn) Read(p []byte) (int, error) { return c.r.Read(p) }

// The header comes first, before TLS, and has the addresses of the connection.
func TestProxyProtocol(t *testing.T) {
	pair := newAuthority(t).issue("app.test", hour)
	echo := func(conn net.Conn) { io.Copy(conn, conn) }
	shake := func(conn net.Conn) { tls.Server(conn, serving(pair)).Handshake() }
	web := answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
	webTLS := func(conn net.Conn) { web(tls.Server(conn, serving(pair))) }
	target := func(port uint16) Target { return Target{Port: port} }
	insecure := TLSOptions{Insecure: true}
	tests := []struct {
		name   string
		handle func(net.Conn)
		check  func(port uint16, version byte) healthcheck.Check
	}{
		{"tcp", echo, func(port uint16, v byte) healthcheck.Check {
			return TCP{Target: target(port), ProxyProtocol: v, Dialogue: Dialogue("").Send("a\n").Expect(`\Aa`)}
		}},
		{"tcp by name", echo, func(port uint16, v byte) healthcheck.Check {
			return TCP{Target: Target{Host: "localhost", Port: port}, ProxyProtocol: v, Dialogue: Dialogue("").Send("a").Expect("a")}
		}},
		{"starttls", shake, func(port uint16, v byte) healthcheck.Check {
			return TCP{Target: target(port), ProxyProtocol: v, Dialogue: Dialogue("").StartTLS(), TLSOptions: insecure}
		}},
		{"tls", shake, func(port uint16, v byte) healthcheck.Check {
			return TLS{Target: target(port), ProxyProtocol: v, TLSOptions: insecure}
		}},
		{"http", web, func(port uint16, v byte) healthcheck.Check { return HTTP{Target: target(port), ProxyProtocol: v} }},
		{"https", webTLS, func(port uint16, v byte) healthcheck.Check {
			return HTTP{TLS: true, Target: target(port), ProxyProtocol: v, TLSOptions: insecure}
		}},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			port, said := behindProxy(t, tc.handle)
			for version, want := range map[byte]string{0: "none", 1: "1 true", 2: "2 true"} {
				kit.WantError(t, ask(t, tc.check(port, version).Prober(), "127.0.0.1"), "")
				if got := <-said; got != want {
					t.Errorf("version %d: the header is %s, want %s", version, got, want)
				}
			}
		})
	}
}

func TestProxyProtocolForGRPC(t *testing.T) {
	port, said := behindProxy(t, func(conn net.Conn) {})
	kit.WantError(t, ask(t, GRPC{Target: Target{Port: port}, ProxyProtocol: 2}.Prober(), "127.0.0.1"), "waiting for the answer: ")
	if got := <-said; got != "2 true" {
		t.Errorf("the header is %s", got)
	}
}

func TestProxyProtocolOverIPv6(t *testing.T) {
	l, err := net.Listen("tcp", "[::1]:0")
	if err != nil {
		t.Skip("no IPv6 on loopback")
	}
	defer l.Close()
	said := make(chan string, 1)
	go func() {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		line, _ := bufio.NewReader(conn).ReadString('\n')
		port := conn.RemoteAddr().(*net.TCPAddr).Port
		said <- strings.Replace(line, fmt.Sprint(port), "from", 1)
	}()
	port := kit.PortOfListener(l)
	kit.WantError(t, ask(t, TCP{Target: Target{Port: port}, ProxyProtocol: 1}.Prober(), "::1"), "")
	if got, want := <-said, fmt.Sprintf("PROXY TCP6 ::1 ::1 from %d\r\n", port); got != want {
		t.Errorf("the header is %q, want %q", got, want)
	}
}

// A redirect within the target carries the header, one to a third party does not.
func TestRedirectedProxyProtocol(t *testing.T) {
	for location, want := range map[string]string{"/x": "1 true", "http://other.test/x": "none"} {
		first := true
		port, said := behindProxy(t, func(conn net.Conn) {
			answer := "HTTP/1.1 200 OK\r\n"
			if first {
				answer = "HTTP/1.1 302 Found\r\nLocation: " + location + "\r\n"
			}
			first = false
			answering(answer + "Content-Length: 0\r\n\r\n")(conn)
		})
		check := HTTP{Target: Target{Port: 80}, Host: "app.test", Redirects: 1, Status: "200", ProxyProtocol: 1}
		dial := func(ctx context.Context, network, _ string) (net.Conn, error) {
			return dial.Dial(ctx, network, Target{Host: "127.0.0.1", Port: port}.address(kit.Loopback))
		}
		kit.WantError(t, ask(t, check.prober(dial), "127.0.0.1"), "")
		if a, b := <-said, <-said; a != "1 true" || b != want {
			t.Errorf("redirect to %s: the headers are %s and %s, want %s", location, a, b, want)
		}
	}
}

// A target that does not read fails the probe at its timeout.
func TestProxyProtocolWithoutReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		over := make(chan struct{})
		defer close(over)
		deaf := pipes(func(net.Conn) { <-over })
		for _, p := range []healthcheck.Prober{
			TCP{Target: Target{Port: 80}, ProxyProtocol: 1}.prober(deaf),
			HTTP{Target: Target{Port: 80}, ProxyProtocol: 2}.prober(deaf),
		} {
			err := within(t, p, time.Second)
			if kit.WantError(t, err, "send the PROXY header: no answer within 1s"); errors.Is(err, healthcheck.ErrInconclusive) {
				t.Error("the error is inconclusive")
			}
		}
	})
}

// A connection that the peer resets fails the probe.
func TestProxyProtocolAfterReset(t *testing.T) {
	reset := func(context.Context, string, string) (net.Conn, error) { return resetConn{}, nil }
	err := ask(t, TCP{Target: Target{Port: 80}, ProxyProtocol: 1}.prober(reset), "127.0.0.1")
	if kit.WantError(t, err, "send the PROXY header: broken pipe"); errors.Is(err, healthcheck.ErrInconclusive) {
		t.Error("the error is inconclusive")
	}
}

type resetConn struct{ net.Conn }

func (resetConn) LocalAddr() net.Addr         { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1} }
func (resetConn) RemoteAddr() net.Addr        { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 2} }
func (resetConn) SetDeadline(time.Time) error { return nil }
func (resetConn) Close() error                { return nil }
func (resetConn) Write([]byte) (int, error) {
	return 0, &net.OpError{Op: "write", Err: syscall.EPIPE}
}
