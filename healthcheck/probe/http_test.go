package probe

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/test/kit"
)

// serve answers requests with handler and returns the port.
func serve(t testing.TB, handler http.HandlerFunc) uint16 {
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return kit.PortOfListener(server.Listener)
}

func TestHTTPStatus(t *testing.T) {
	tests := []struct {
		status   int
		accepted string
		want     string
	}{
		{200, "", ""},
		{399, "200-399", ""},
		{302, "200-399", ""},
		{199, "", "waiting for the answer: "}, // informational: another has to follow
		{400, "", "status 400, expected 200-399"},
		{503, "200-399", "status 503, expected 200-399"},
		{304, "200-299,304", ""},
		{303, "200-299,304", "status 303, expected 200-299,304"},
		{305, "200-299,304", "status 305, expected 200-299,304"},
		{503, "503", ""},
		{200, "503", "status 200, expected 503"},
	}
	for _, tc := range tests {
		l := kit.Listen(t, answering(fmt.Sprintf("HTTP/1.1 %d X\r\nContent-Length: 0\r\n\r\n", tc.status)))
		check := HTTP{Target: Target{Port: kit.PortOfListener(l)}, Host: "example.org", Status: tc.accepted}
		kit.WantError(t, ask(t, check.Prober(), "127.0.0.1"), tc.want)
	}
}

// answering reads the header of a request and says text.
func answering(text string) func(net.Conn) {
	return func(conn net.Conn) {
		readRequest(conn)
		io.WriteString(conn, text)
	}
}

func readRequest(conn net.Conn) {
	for request, buf := "", make([]byte, 4096); !strings.HasSuffix(request, "\r\n\r\n"); {
		n, err := conn.Read(buf)
		if request += string(buf[:n]); err != nil {
			return
		}
	}
}

func TestHTTPBody(t *testing.T) {
	const size = 64 << 10
	long := strings.Repeat("x", size-5)
	tests := []struct {
		name, sent, body, not string
		want                  string
	}{
		{"matches", "all is well", "is w", "", ""},
		{"does not", "s3cret", "^ok$", "", `body does not match "^ok$"`},
		{"a backslash in the words", "s3cret", `^\d+$`, "", `body does not match "^\d+$"`},
		{"not", "all is well", "", "down", ""},
		{"not, but does", "s3cret", "", "s.cret", `body matches "s.cret"`},
		{"both", "up", "up", "down", ""},
		{"empty", "", "^$", "", ""},
		{"the last that is read", long + "ready" + "more", "ready$", "", ""},
		{"the first that is not", long + ".ready", "", "ready", ""},
		{"long and not looked at", long + long, "", "", ""},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			port := serve(t, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, tc.sent) })
			check := HTTP{Target: Target{Port: port}, Host: "example.org", Body: tc.body, BodyNot: tc.not}
			err := ask(t, check.Prober(), "127.0.0.1")
			if kit.WantError(t, err, tc.want); err != nil && strings.Contains(err.Error(), "s3cret") {
				t.Errorf("the body is quoted: %v", err)
			}
		})
	}
}

func TestHTTPRequest(t *testing.T) {
	file := filepath.Join(t.TempDir(), "token")
	kit.Write(t, file, "fr0m {endpoint}\n")
	basic := "Basic " + base64.StdEncoding.EncodeToString([]byte("me:pass:word"))
	tests := []struct {
		name  string
		check HTTP
		want  string // method, URI, Host and headers in lines
	}{
		{"least", HTTP{Host: "example.org"}, "GET / example.org:port\nUser-Agent: coredns-failover"},
		{"method and path", HTTP{Host: "example.org", Method: "OPTIONS", Target: Target{Path: "/a?b={endpoint}"}},
			"OPTIONS /a?b=127.0.0.1 example.org:port\nUser-Agent: coredns-failover"},
		{"no host", HTTP{}, "GET / 127.0.0.1:port\nUser-Agent: coredns-failover"},
		{"headers", HTTP{Host: "example.org", Headers: "X-A: b: c\nX-A: for {endpoint}\nUser-Agent: me"},
			"GET / example.org:port\nUser-Agent: me\nX-A: b: c\nX-A: for 127.0.0.1"},
		{"a header from a file", HTTP{Host: "example.org", Headers: "X-A: file:" + file},
			"GET / example.org:port\nUser-Agent: coredns-failover\nX-A: fr0m {endpoint}"},
		{"basic", HTTP{Host: "example.org", User: "me", Password: "pass:word"},
			"GET / example.org:port\nAuthorization: " + basic + "\nUser-Agent: coredns-failover"},
		{"bearer", HTTP{Host: "example.org", Bearer: "file:" + file},
			"GET / example.org:port\nAuthorization: Bearer fr0m {endpoint}\nUser-Agent: coredns-failover"},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			got := make(chan string, 1)
			tc.check.Target.Port = serve(t, func(_ http.ResponseWriter, r *http.Request) {
				if !r.Close {
					t.Error("the connection is to be kept")
				}
				got <- inLines(r)
			})
			kit.WantError(t, ask(t, tc.check.Prober(), "127.0.0.1"), "")
			port := ":" + tc.check.Target.port()
			if lines := strings.Replace(<-got, port, ":port", 1); lines != tc.want {
				t.Errorf("asks\n%s\nwant\n%s", lines, tc.want)
			}
		})
	}
}

func inLines(r *http.Request) string {
	r.Header.Del("Connection")
	var header strings.Builder
	r.Header.Write(&header)
	lines := fmt.Sprintf("%s %s %s\n%s", r.Method, r.RequestURI, r.Host, header.String())
	return strings.TrimSpace(strings.ReplaceAll(lines, "\r", ""))
}

func TestHTTPSecretIsReadAgain(t *testing.T) {
	file := filepath.Join(t.TempDir(), "token")
	port := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer second" {
			w.WriteHeader(http.StatusUnauthorized)
		}
	})
	p := HTTP{Target: Target{Port: port}, Host: "example.org", Bearer: "file:" + file}.Prober()
	if err := ask(t, p, "127.0.0.1"); !errors.Is(err, healthcheck.ErrInconclusive) {
		t.Errorf("without the file: %v", err)
	}
	kit.Write(t, file, "\n")
	if err := ask(t, p, "127.0.0.1"); !errors.Is(err, healthcheck.ErrInconclusive) {
		t.Errorf("nothing in the file: %v", err)
	}
	kit.Write(t, file, "first")
	kit.WantError(t, ask(t, p, "127.0.0.1"), "status 401, expected 200-399")
	kit.Write(t, file, "second")
	kit.WantError(t, ask(t, p, "127.0.0.1"), "")
	for _, unfit := range []string{"thi\nrd", "", "\n"} { // empty is one that is being written
		kit.Write(t, file, unfit)
		kit.WantError(t, ask(t, p, "127.0.0.1"), "")
	}
}

func TestHTTPFailsToConnect(t *testing.T) {
	l := kit.Listen(t, nil)
	l.Close()
	for _, redirects := range []int{0, 3} {
		check := HTTP{Target: Target{Port: kit.PortOfListener(l)}, Host: "example.org", Redirects: redirects}
		kit.WantError(t, ask(t, check.Prober(), "127.0.0.1"), "connect: connection refused")
	}
}
