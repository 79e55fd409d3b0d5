package probe

import (
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coredns-failover/failover/test/kit"
)

const stream = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"

// says answers with parts, a second apart, and never ends.
func says(parts ...string) func(net.Conn) {
	return func(conn net.Conn) {
		conn.Read(make([]byte, 4096))
		io.WriteString(conn, stream)
		for i, part := range parts {
			if i > 0 {
				time.Sleep(time.Second)
			}
			io.WriteString(conn, part)
		}
		io.Copy(io.Discard, conn)
	}
}

// A stream is matched as it comes, as far as what comes later cannot change it.
func TestHTTPStreams(t *testing.T) {
	const late = "reading the body: no answer within 5s"
	tests := []struct {
		check HTTP
		parts []string
		want  string
		took  time.Duration
	}{
		{HTTP{}, []string{"data: ok"}, "", drainTime},
		{HTTP{Status: "500"}, []string{"data: ok"}, "status 200, expected 500", drainTime},
		{HTTP{Body: "ok"}, []string{"data: ok"}, "", drainTime},
		{HTTP{Body: "ok"}, []string{"data: no", "\ndata: o", "k"}, "", 2*time.Second + drainTime},
		{HTTP{Body: `\bok\b`}, []string{"data: ok\n"}, "", drainTime},
		{HTTP{Body: `\bok\b`}, []string{"data: ok", "ay\n", "ok\n"}, "", 2*time.Second + drainTime},
		{HTTP{Body: "(?m)^ok$"}, []string{"ok", "ay\n", "ok\n"}, "", 2*time.Second + drainTime},
		{HTTP{Body: "ok$"}, []string{"ok", "ay"}, late, 5 * time.Second},
		{HTTP{Body: "never"}, []string{"ok"}, late, 5 * time.Second},
		{HTTP{Body: "ok", BodyNot: "bad"}, []string{"ok"}, late, 5 * time.Second},
		{HTTP{Assert: `body contains "ok"`}, []string{"ok"}, late, 5 * time.Second},
		{HTTP{BodyNot: "bad"}, []string{strings.Repeat("x", maxBody)}, "", 0},
		{HTTP{}, []string{strings.Repeat("x", maxBody)}, "", 0},
	}
	for _, tc := range tests {
		synctest.Test(t, func(t *testing.T) {
			tc.check.Target, tc.check.Method, tc.check.Host = Target{Port: 80}, "GET", "a.test"
			start := time.Now()
			kit.WantError(t, ask(t, tc.check.prober(pipes(says(tc.parts...))), "192.0.2.1"), tc.want)
			if took := time.Since(start); took != tc.took || t.Failed() {
				t.Errorf("%+v of %.20q takes %v, want %v", tc.check, tc.parts, took, tc.took)
			}
			time.Sleep(time.Minute) // for who still sleeps
		})
	}
}

// A target can send its body to the end, though nobody needs it: no write fails.
func TestHTTPBodyIsRead(t *testing.T) {
	body := strings.Repeat("x", maxBody-len("ok"))
	heads := map[string]string{
		"needs nothing": "HTTP/1.1 200 OK\r\nContent-Length: 65536\r\n\r\n",
		"refuses":       "HTTP/1.1 503 X\r\nContent-Length: 65536\r\n\r\n",
		"redirects":     "HTTP/1.1 302 X\r\nLocation: /\r\nContent-Length: 65536\r\n\r\n",
	}
	for name, head := range heads {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				served := pipes(func(conn net.Conn) { // on which a write ends when it has been read
					conn.Read(make([]byte, 4096))
					for _, part := range []string{head, "ok", body} {
						if _, err := io.WriteString(conn, part); err != nil {
							t.Errorf("the target cannot write: %v", err)
						}
					}
				})
				check := HTTP{Target: Target{Port: 80}, Method: "GET", Host: "a.test", Status: "200,503", Redirects: 1, Body: "^ok"}
				if name != "needs nothing" {
					check.Body, check.Status = "", "200"
				}
				ask(t, check.prober(served), "192.0.2.1")
			})
		})
	}
}

// Most bodies are small, and so is the room that one takes.
func TestSmallBodyTakesLittleRoom(t *testing.T) {
	for _, size := range []int{0, 100, bodyStart - 1, 5000, maxBody} {
		resp := &http.Response{Body: io.NopCloser(strings.NewReader(strings.Repeat("x", size)))}
		body, err := readBody(t.Context(), resp, nil)
		if err != nil || len(body) != size || cap(body) > max(2*bodyStart, 3*size) {
			t.Errorf("%d bytes take %d: %d, %v", size, cap(body), len(body), err)
		}
	}
}
