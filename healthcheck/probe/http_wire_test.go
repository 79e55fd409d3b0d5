package probe

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/coredns-failover/failover/test/kit"
)

// What a target may say within HTTP, and what is taken for its body.
func TestHTTPAnswers(t *testing.T) {
	const ok = "HTTP/1.1 200 OK\r\n"
	field := "X: " + strings.Repeat("x", 1<<10) + "\r\n"
	tests := []struct {
		name, method, answer string
		body, want           string
	}{
		{"length", "", ok + "Content-Length: 2\r\n\r\nok and more", "^ok$", ""},
		{"chunks", "", ok + "Transfer-Encoding: chunked\r\n\r\n1\r\no\r\n1;x=y\r\nk\r\n0\r\nTrailer: x\r\n\r\n", "^ok$", ""},
		{"to the end", "", ok + "\r\nok", "^ok$", ""},
		{"HTTP/1.0", "", "HTTP/1.0 200 OK\r\n\r\nok", "^ok$", ""},
		{"HTTP/1.0, kept alive", "", "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok", "^ok$", ""},
		{"to HEAD", "HEAD", ok + "Content-Length: 2\r\n\r\n", "^$", ""},
		{"to HEAD, and a body", "HEAD", ok + "Content-Length: 2\r\n\r\nok", "^$", ""},
		{"204 and a body", "", "HTTP/1.1 204 OK\r\nContent-Length: 2\r\n\r\nok", "^$", ""},
		{"304 and a body", "", "HTTP/1.1 304 OK\r\n\r\nok", "^$", ""},
		{"two lengths", "", ok + "Content-Length: 2\r\nContent-Length: 3\r\n\r\nok", "", "waiting for the answer: not an HTTP answer"},
		{"a length that is none", "", ok + "Content-Length: -2\r\n\r\nok", "", "waiting for the answer: not an HTTP answer"},
		{"an unknown coding", "", ok + "Transfer-Encoding: x\r\n\r\nok", "", "waiting for the answer: not an HTTP answer"},
		{"compressed though nobody asked", "", ok + "Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\nok", "^ok$", ""},
		{"no reason", "", "HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok", "^ok$", ""},
		{"informational first", "", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 X\r\nLink: x\r\n\r\n" + ok + "Content-Length: 2\r\n\r\nok", "^ok$", ""},
		{"many headers", "", ok + strings.Repeat(field, 62) + "Content-Length: 2\r\n\r\nok", "^ok$", ""},
		{"too many", "", ok + strings.Repeat(field, 64) + "Content-Length: 2\r\n\r\nok", "", "waiting for the answer: more than 64 KiB of headers"},
		{"too many of informational ones", "", strings.Repeat("HTTP/1.1 103 X\r\n"+field+"\r\n", 64) + ok + "Content-Length: 2\r\n\r\nok", "",
			"waiting for the answer: more than 64 KiB of headers"},
		{"another protocol", "", "HTTP/1.1 101 X\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\nok", "^ok", ""},
		{"no other protocol", "", "HTTP/1.1 101 X\r\n\r\nok", "^$", ""},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				check := HTTP{Target: Target{Port: 80}, Method: tc.method, Host: "a.test", Status: "101-399", Body: tc.body}
				kit.WantError(t, ask(t, check.prober(pipes(answering(tc.answer))), "192.0.2.1"), tc.want)
			})
		})
	}
}

// A request asks for the end of its connection, for no encoding, and waits for
// nothing before its body.
func TestHTTPRequestOnTheWire(t *testing.T) {
	tests := []struct{ headers, want string }{
		{"", "PUT /a HTTP/1.1\r\nHost: a.test\r\nUser-Agent: coredns-failover\r\nConnection: close\r\nContent-Length: 4\r\n\r\nping"},
		{"Expect: 100-continue", "Expect: 100-continue\r\n\r\nping"},
		{"Connection: close", "Connection: close\r\n\r\nping"},
		{"Upgrade: x\nConnection: upgrade", "Content-Length: 4\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\nping"},
	}
	for _, tc := range tests {
		synctest.Test(t, func(t *testing.T) {
			var heard string
			check := HTTP{Target: Target{Port: 80, Path: "/a"}, Method: "PUT", Host: "a.test", Headers: tc.headers, Payload: "ping"}
			p := check.prober(pipes(func(conn net.Conn) {
				for buf := make([]byte, 4096); !strings.HasSuffix(heard, "ping"); {
					n, err := conn.Read(buf)
					if heard += string(buf[:n]); err != nil {
						return
					}
				}
				io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
			}))
			kit.WantError(t, ask(t, p, "192.0.2.1"), "")
			if n := strings.Count(heard, "Connection: "); !strings.HasSuffix(heard, tc.want) || n != 1 {
				t.Errorf("asks\n%s\nwant\n%s", heard, tc.want)
			}
		})
	}
}

// So does the request after a redirect.
func TestHTTPRedirectsCloseConnections(t *testing.T) {
	for _, location := range []string{"/x", "http://other.test/x"} {
		synctest.Test(t, func(t *testing.T) {
			asked := 0
			check := HTTP{Target: Target{Port: 80}, Method: "GET", Host: "a.test", Redirects: 1}
			p := check.prober(pipes(func(conn net.Conn) {
				asked++
				req, err := http.ReadRequest(bufio.NewReader(conn))
				if err != nil || !req.Close {
					t.Errorf("request %d: %v, the connection is to be kept", asked, err)
				}
				if asked == 1 {
					io.WriteString(conn, "HTTP/1.1 302 X\r\nLocation: "+location+"\r\nContent-Length: 0\r\n\r\n")
				} else {
					io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
				}
			}))
			kit.WantError(t, ask(t, p, "192.0.2.1"), "")
		})
	}
}

// A target may answer a request that it never reads, and keep the connection open,
// though the request is too long for the buffers in between.
func TestHTTPAnswersUnread(t *testing.T) {
	long := strings.Repeat("x", 100<<10)
	file := filepath.Join(t.TempDir(), "payload")
	kit.Write(t, file, long)
	const refused = "HTTP/1.1 413 X\r\nContent-Length: 0\r\n\r\n"
	tests := map[string]struct {
		check   HTTP
		answers []string // on one connection each
	}{
		"payload":  {HTTP{Payload: "file:" + file}, []string{refused}},
		"header":   {HTTP{Headers: "X: " + long}, []string{refused}},
		"path":     {HTTP{Target: Target{Path: "/" + long}}, []string{refused}},
		"redirect": {HTTP{Payload: long, Redirects: 1}, []string{"HTTP/1.1 307 X\r\nLocation: /\r\n\r\n", refused}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tc.check.Target.Port, tc.check.Method, tc.check.Host = 80, "POST", "a.test"
				p := tc.check.prober(pipes(func(conn net.Conn) { // on which nothing is written until it is read
					conn.Read(make([]byte, 1))
					answer := tc.answers[0]
					tc.answers = tc.answers[1:]
					io.WriteString(conn, answer)
					<-t.Context().Done()
				}))
				kit.WantError(t, ask(t, p, "192.0.2.1"), "status 413, expected 200-399")
			})
		})
	}
}
