package probe

import (
	"context"
	"errors"
	"io"
	"net"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/healthcheck/internal/dial"
	"github.com/coredns-failover/failover/test/kit"
)

// after reads a request, says start and then does what then does.
func after(start string, then func(net.Conn)) func(net.Conn) {
	return func(conn net.Conn) {
		readRequest(conn)
		io.WriteString(conn, start)
		then(conn)
	}
}

func silent(conn net.Conn) { io.Copy(io.Discard, conn) }

// deaf does not even read.
func deaf(net.Conn) { time.Sleep(2 * time.Second) }

// flood says text again and again, as fast as it can, until the prober hangs up.
func flood(text string) func(net.Conn) { return every(0, text) }

// trickle does so now and then.
func trickle(text string) func(net.Conn) { return every(100*time.Millisecond, text) }

func every(d time.Duration, text string) func(net.Conn) {
	return func(conn net.Conn) {
		for {
			if _, err := io.WriteString(conn, text); err != nil {
				return
			}
			time.Sleep(d)
		}
	}
}

// Servers that never come to an end, and where the probe says that it was when
// its time was over. In a bubble nothing may stay behind.
func TestHTTPTimeouts(t *testing.T) {
	const ok = "HTTP/1.1 200 OK\r\n"
	tests := []struct {
		name   string
		tls    bool
		server func(net.Conn)
		want   string
	}{
		{"silent", false, silent, "waiting for the answer: no answer within 1s"},
		{"silent before TLS", true, silent, "TLS handshake: no answer within 1s"},
		{"deaf", false, deaf, "waiting for the answer: no answer within 1s"},
		{"deaf before TLS", true, deaf, "TLS handshake: no answer within 1s"},
		{"a header now and then", false, after(ok, trickle("A: b\r\n")), "waiting for the answer: no answer within 1s"},
		{"half a header now and then", false, after(ok, trickle("a")), "waiting for the answer: no answer within 1s"},
		{"informational now and then", false, after("", trickle("HTTP/1.1 102 X\r\n\r\n")), "waiting for the answer: "},
		{"body now and then", false, after(ok+"\r\n", trickle("x")), "reading the body: no answer within 1s"},
		{"no body", false, after(ok+"Content-Length: 9\r\n\r\n", silent), "reading the body: no answer within 1s"},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				check := HTTP{TLS: tc.tls, Target: Target{Port: 80}, Host: "example.org", Body: "ok"}
				ctx, cancel := healthcheck.WithTimeout(t.Context(), time.Second)
				defer cancel()
				start := time.Now()
				err := check.prober(pipes(tc.server)).Probe(ctx, kit.Loopback)
				kit.WantError(t, err, tc.want)
				if took := time.Since(start); took > time.Second || errors.Is(err, healthcheck.ErrInconclusive) {
					t.Errorf("after %v: %v", took, err)
				}
				time.Sleep(5 * time.Second) // for the deaf
			})
		})
	}
}

// The end of the prober ends its probe at once, wherever it is.
func TestHTTPShutdown(t *testing.T) {
	for _, server := range []func(net.Conn){silent, after("HTTP/1.1 200 OK\r\n\r\n", silent)} {
		for _, tls := range []bool{false, true} {
			synctest.Test(t, func(t *testing.T) {
				check := HTTP{TLS: tls, Target: Target{Port: 80}, Host: "example.org", Body: "ok"}
				ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
				time.AfterFunc(time.Second, cancel)
				start := time.Now()
				err := check.prober(pipes(server)).Probe(ctx, kit.Loopback)
				if took := time.Since(start); !errors.Is(err, healthcheck.ErrInconclusive) || took != time.Second {
					t.Errorf("after %v: %v", took, err)
				}
			})
		}
	}
}

// Servers that talk nonsense, or as fast and as much as they can: a probe ends
// with little memory used, and with no word that the request had in it.
func TestHTTPFloods(t *testing.T) {
	kilobyte := strings.Repeat("s3cret..", 128)
	const ok = "HTTP/1.1 200 OK\r\n"
	tests := []struct {
		name   string
		server func(net.Conn)
		want   string
	}{
		{"noise", after("", flood(kilobyte)), `answer is not HTTP: "***..***..`},
		{"endless header", after(ok, flood("X: "+kilobyte+"\r\n")), "waiting for the answer: more than 64 KiB of headers"},
		{"endless line", after(ok+"X: ", flood(kilobyte)), "waiting for the answer: more than 64 KiB of headers"},
		{"endless informational", after("", flood("HTTP/1.1 103 X\r\nX: "+kilobyte+"\r\n\r\n")), "waiting for the answer: "},
		{"endless body", after(ok+"\r\n", flood(kilobyte)), `body does not match "^ok$"`},
		{"endless chunk", after(ok+"Transfer-Encoding: chunked\r\n\r\nffffffffff\r\n", flood(kilobyte)), `body does not match "^ok$"`},
		{"short body", answering(ok + "Content-Length: 9\r\n\r\nok"), "reading the body: connection closed"},
		{"bad chunk", answering(ok + "Transfer-Encoding: chunked\r\n\r\ns3cret\r\n"), "reading the body: not an HTTP answer"},
		{"other protocol", answering("SSH-2.0-s3cret\r\n"), `answer is not HTTP: "SSH-2.0-***"`},
		{"bad status", answering("HTTP/1.1 s3cret\r\n\r\n"), `answer is not HTTP: "HTTP/1.1 ***"`},
		{"bad header", answering(ok + "s3cret\r\n\r\n"), "waiting for the answer: not an HTTP answer"},
		{"closes", func(net.Conn) {}, "waiting for the answer: connection closed"},
		{"closes after the request", answering(""), "waiting for the answer: connection closed"},
		{"closes in the header", answering(ok), "waiting for the answer: connection closed"},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var before, behind runtime.MemStats
				p := HTTP{Target: Target{Port: 80}, Host: "example.org", Body: "^ok$", Bearer: "s3cret"}.prober(pipes(tc.server))
				runtime.ReadMemStats(&before)
				err := ask(t, p, "127.0.0.1")
				runtime.ReadMemStats(&behind)
				kit.WantError(t, err, tc.want)
				if err != nil && strings.Contains(err.Error(), "s3cret") {
					t.Errorf("the server is quoted: %v", err)
				}
				if took := behind.TotalAlloc - before.TotalAlloc; took > 2<<20 {
					t.Errorf("takes %d bytes", took)
				}
			})
		})
	}
}

// Each connection is closed when Probe returns.
func TestHTTPClosesWhatItOpens(t *testing.T) {
	servers := map[string]func(net.Conn){
		"answer":   answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"),
		"no body":  answering("HTTP/1.1 204 OK\r\n\r\n"),
		"failure":  answering("HTTP/1.1 500 OK\r\n\r\nbody"),
		"nonsense": answering("nonsense\r\n"),
		"redirect": answering("HTTP/1.1 302 X\r\nLocation: /\r\n\r\n"), // and a body that never ends
	}
	for name, server := range servers {
		closed := make(chan string, 10)
		l := kit.Listen(t, func(conn net.Conn) {
			server(conn)
			io.Copy(io.Discard, conn)
			closed <- name
		})
		check := HTTP{Target: Target{Port: kit.PortOfListener(l)}, Host: "example.org", Redirects: 2}
		if err := ask(t, check.Prober(), "127.0.0.1"); err != nil && strings.Contains(err.Error(), "within") {
			t.Errorf("%s: %v", name, err)
		}
		select {
		case <-closed:
		case <-time.After(20 * time.Second):
			t.Errorf("%s: the connection stays open", name)
		}
	}
}

// A handshake that fails does not close the connection below it by itself.
func TestHTTPClosesAfterAHandshake(t *testing.T) {
	port := serveTLS(t, serving(newAuthority(t).issue("app.test", time.Hour)), nil)
	var conn *endingConn
	dial := func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := dial.Dial(ctx, network, address)
		conn = &endingConn{Conn: c}
		return conn, err
	}
	check := HTTP{TLS: true, Target: Target{Port: port}, Host: "app.test"}
	kit.WantError(t, ask(t, check.prober(dial), "127.0.0.1"), "TLS handshake: x509: ")
	if !conn.closed {
		t.Error("the connection stays open")
	}
}

type endingConn struct {
	net.Conn
	closed bool
}

func (c *endingConn) Close() error {
	c.closed = true
	return c.Conn.Close()
}

// The body of a 101 is the connection itself, which nobody but the probe ends.
func TestHTTPSwitchingProtocols(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		check := HTTP{Target: Target{Port: 80}, Method: "GET", Host: "app.example.org", Status: "101,200-299", Body: "x"}
		dial := pipes(func(conn net.Conn) {
			conn.Read(make([]byte, 4096))
			io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n")
			io.Copy(io.Discard, conn)
		})
		ctx, cancel := healthcheck.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		err := check.prober(dial).Probe(ctx, kit.Loopback)
		if want := "reading the body: no answer within 1s"; err == nil || err.Error() != want || time.Since(start) != time.Second {
			t.Errorf("after %v: %v, want %s after 1s", time.Since(start), err, want)
		}
	})
}

// A lastWord is a connection to a target that answers once it is hung up on.
type lastWord struct {
	net.Conn // nil
	hungUp   chan struct{}
	once     sync.Once
	rest     io.Reader
}

func (c *lastWord) Write(b []byte) (int, error)      { return len(b), nil }
func (c *lastWord) SetDeadline(time.Time) error      { return nil }
func (c *lastWord) SetReadDeadline(time.Time) error  { return nil }
func (c *lastWord) SetWriteDeadline(time.Time) error { return nil }
func (c *lastWord) Close() error                     { c.once.Do(func() { close(c.hungUp) }); return nil }
func (c *lastWord) Read(b []byte) (int, error) {
	<-c.hungUp
	return c.rest.Read(b)
}

// An answer that is heard in the moment in which nobody waits for it any longer
// comes too late.
func TestHTTPLastWord(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := HTTP{Target: Target{Port: 80}, Method: "GET"}.prober(func(context.Context, string, string) (net.Conn, error) {
			return &lastWord{hungUp: make(chan struct{}), rest: strings.NewReader("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")}, nil
		})
		for range 1000 {
			kit.WantError(t, ask(t, p, "192.0.2.1"), "waiting for the answer: no answer within 5s")
		}
	})
}
