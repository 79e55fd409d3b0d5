package admin

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// A pipeListener accepts the ends of pipes.
type pipeListener struct {
	conns    chan net.Conn
	closed   chan struct{}
	listener *listener // that accepts from it
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case conn := <-l.conns:
		return conn, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error {
	close(l.closed)
	return nil
}

func (l *pipeListener) Addr() net.Addr { return &net.TCPAddr{} }

// dial returns a new connection.
func (l *pipeListener) dial() net.Conn {
	ours, theirs := net.Pipe()
	l.conns <- theirs
	return ours
}

// read reads a connection, and returns a function that returns what has come from it and
// whether it is open. Before that, synctest.Wait lets it come.
func read(conn net.Conn) (state func() (text string, open bool)) {
	var got buffer
	done := make(chan struct{})
	go func() {
		defer close(done)
		io.Copy(&got, conn)
	}()
	return func() (string, bool) {
		select {
		case <-done:
			return got.String(), false
		default:
			return got.String(), true
		}
	}
}

// inBubble runs test with an API whose connections are pipes and whose time is virtual.
func inBubble(t *testing.T, test func(*testing.T, *Backend, *pipeListener)) {
	synctest.Test(t, func(t *testing.T) {
		b := newBackend(t, "app.example.org.")
		ln := &pipeListener{conns: make(chan net.Conn), closed: make(chan struct{})}
		l := NewService(b).serverOf(ln)
		ln.listener = l
		l.current.Store(&access{})
		served := make(chan struct{})
		go func() {
			l.server.Serve(l)
			close(served)
		}()
		test(t, b, ln)
		l.server.Close()
		<-served
		synctest.Wait()
	})
}

const head = "POST /v1/heartbeats/nightly HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"

// Headers and bodies that do not come within 10 s are cut off, and so are connections
// that are idle for 60 s.
func TestSlowRequests(t *testing.T) {
	tests := map[string]struct {
		send  string // a line of it each second
		open  time.Duration
		reply string
	}{
		"nothing":             {"", 10 * time.Second, ""},
		"a header per second": {"GET /v1/health HTTP/1.1\n" + strings.Repeat("X: x\n", 100), 10 * time.Second, ""},
		"a body per second":   {head + "Content-Length: 1000\r\n\r\n" + strings.Repeat(" \n", 400), 10 * time.Second, "did not come within 10s"},
		"a chunk per second":  {head + "Transfer-Encoding: chunked\r\n\r\n" + strings.Repeat("1\r\n \r\n", 100), 10 * time.Second, "did not come within 10s"},
		"idle after requests": {"GET /v1/health HTTP/1.1\nHost: localhost\n\n", 62 * time.Second, "200 OK"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, _ *Backend, l *pipeListener) {
				conn := l.dial()
				state := read(conn)
				start := time.Now()
				go func() {
					for line := range strings.Lines(test.send) {
						if _, err := io.WriteString(conn, line); err != nil {
							return
						}
						time.Sleep(time.Second)
					}
				}()
				time.Sleep(test.open - time.Second)
				synctest.Wait()
				if text, open := state(); !open {
					t.Errorf("it is closed within %s: %s", time.Since(start), text)
				}
				time.Sleep(4 * time.Second)
				synctest.Wait()
				text, open := state()
				if open || !strings.Contains(text, test.reply) {
					t.Errorf("after %s it is open: %t, and got %q", time.Since(start), open, text)
				}
				conn.Close()
			})
		})
	}
}

// Whoever opens 10,000 connections keeps nobody out, whatever they send: 1,000 are kept.
func TestConnectionsBeyondTheLimit(t *testing.T) {
	for name, sent := range map[string]string{
		"nothing": "", "a byte": "G", "half a header": "GET /v1/health HTTP/1.1\r\nHost: ", "half a body": head + "Content-Length: 10\r\n\r\n{",
		"streams": "GET /v1/events HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, _ *Backend, l *pipeListener) {
				var conns []net.Conn
				var states []func() (string, bool)
				for range 2 * maxConns {
					conn := l.dial()
					states = append(states, read(conn))
					io.WriteString(conn, sent)
					conns = append(conns, conn)
				}
				conn := l.dial()
				state := read(conn)
				io.WriteString(conn, "GET /v1/health HTTP/1.1\r\nHost: localhost\r\n\r\n")
				synctest.Wait()
				if text, _ := state(); !strings.Contains(text, `{"status":"ok"}`) {
					t.Errorf("the client after them got %q", text)
				}
				open := 0
				for _, state := range states {
					if _, on := state(); on {
						open++
					}
				}
				if open != maxConns-1 {
					t.Errorf("%d of theirs are open, want %d", open, maxConns-1)
				}
				for _, conn := range append(conns, conn) {
					conn.Close()
				}
			})
		})
	}
}

// The same with sockets: as many of them as this process may have open.
func TestTenThousandConnections(t *testing.T) {
	config := local(t)
	c := serve(t, newBackend(t), config)
	var conns []net.Conn
	for len(conns) < 10000 {
		conn, err := net.Dial("tcp", config.Addr)
		if err != nil { // there are no more
			for _, conn := range conns[len(conns)-100:] {
				conn.Close()
			}
			break
		}
		defer conn.Close()
		conns = append(conns, conn)
	}
	t.Logf("%d connections were opened", len(conns))
	c.wants(healthIt, 200, "ok")
}

// A client that reads no answer is cut off.
func TestAnswerThatNobodyReads(t *testing.T) {
	inBubble(t, func(t *testing.T, b *Backend, l *pipeListener) {
		conn := l.dial()
		io.WriteString(conn, "GET /v1/records HTTP/1.1\r\nHost: localhost\r\n\r\n")
		time.Sleep(answerWait + time.Second)
		conn.SetWriteDeadline(time.Now().Add(time.Second))
		if _, err := conn.Write([]byte("GET")); !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("the connection is open: %v", err)
		}
		conn.Close()
	})
}

// Headers have a bound too.
func TestLargeHeaders(t *testing.T) {
	c := serve(t, newBackend(t), local(t))
	conn, err := net.Dial("tcp", strings.TrimPrefix(c.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "GET /v1/health HTTP/1.1\r\nHost: localhost\r\nX: %s\r\n\r\n", strings.Repeat("x", 64<<10))
	r, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil || r.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("got %v, %v", r, err)
	}
}

// Nor is there another request that net/http answers by itself.
func TestRawRequests(t *testing.T) {
	config := local(t, Token{"w0rd", RoleWrite, ""})
	serve(t, newBackend(t), config)
	const known = "Host: localhost\r\nAuthorization: Bearer w0rd\r\nContent-Type: application/json\r\n"
	for request, want := range map[string]string{
		"OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n":                                                    "401",
		"GET http://evil.example/v1/status HTTP/1.1\r\n" + known + "\r\n":                                  "403",
		"GET /v1/status HTTP/1.0\r\nAuthorization: Bearer w0rd\r\n\r\n":                                    "403",
		"CONNECT localhost:1 HTTP/1.1\r\n" + known + "\r\n":                                                "404",
		"POST /v1/heartbeats/nightly HTTP/1.1\r\n" + known + "Transfer-Encoding: chunked\r\n\r\nx\r\n\r\n": "400",
		"POST /v1/heartbeats/nightly HTTP/1.1\r\n" + known + "Content-Length: 0\r\n\r\n":                   "204",
	} {
		conn, err := net.Dial("tcp", config.Addr)
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(conn, request)
		r, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil || !strings.HasPrefix(r.Status, want) {
			t.Errorf("%s: got %v, %v, want %s", request, r, err, want)
		}
		conn.Close()
	}
}
