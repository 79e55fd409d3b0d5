package probe

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/test/kit"
)

func TestHTTPPayload(t *testing.T) {
	file := filepath.Join(t.TempDir(), "body")
	kit.Write(t, file, "{endpoint}\nof a file\n")
	got := make(chan string, 1)
	port := serve(t, func(_ http.ResponseWriter, r *http.Request) { got <- r.Method + " " + bodyOf(r) })
	tests := []struct{ method, payload, want string }{
		{"", "", "GET []"},
		{"", "ping", "GET Content-Length 4 ping"},
		{"POST", `{"a": "\n{endpoint}"}`, `POST Content-Length 21 {"a": "\n{endpoint}"}`},
		{"PUT", "a\r\nb\x00", "PUT Content-Length 5 a\r\nb\x00"},
		{"OPTIONS", "x", "OPTIONS Content-Length 1 x"},
		{"POST", "file:" + file, "POST Content-Length 21 {endpoint}\nof a file\n"},
		{"POST", "", "POST Content-Length 0 "},
	}
	for _, tc := range tests {
		check := HTTP{Target: Target{Port: port}, Host: "app.test", Method: tc.method, Payload: tc.payload}
		kit.WantError(t, ask(t, check.Prober(), "127.0.0.1"), "")
		if request := <-got; request != tc.want {
			t.Errorf("%s with %q: %q, want %q", tc.method, tc.payload, request, tc.want)
		}
	}
}

// bodyOf returns the length that r has in its header, and its body.
func bodyOf(r *http.Request) string {
	text, err := io.ReadAll(r.Body)
	if err != nil {
		return err.Error()
	}
	if r.ContentLength < 0 || r.Header.Get("Content-Length") == "" {
		return fmt.Sprint(r.TransferEncoding)
	}
	return "Content-Length " + r.Header.Get("Content-Length") + " " + string(text)
}

func TestHTTPPayloadFiles(t *testing.T) {
	port := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if text, _ := io.ReadAll(r.Body); string(text) != "second" {
			w.WriteHeader(http.StatusBadRequest)
		}
	})
	file := filepath.Join(t.TempDir(), "body")
	p := HTTP{Target: Target{Port: port}, Host: "app.test", Payload: "file:" + file}.Prober()
	for _, unfit := range []string{"", strings.Repeat("s3cret", 1<<18)} {
		kit.Write(t, file, unfit)
		err := ask(t, p, "127.0.0.1")
		if kit.WantError(t, err, "payload: "+file); !errors.Is(err, healthcheck.ErrInconclusive) || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%d bytes: %v", len(unfit), err)
		}
	}
	kit.Write(t, file, "first")
	kit.WantError(t, ask(t, p, "127.0.0.1"), "status 400, expected 200-399")
	kit.Write(t, file, "second")
	kit.WantError(t, ask(t, p, "127.0.0.1"), "")
	kit.Write(t, file, "")
	kit.WantError(t, ask(t, p, "127.0.0.1"), "")
}

// A redirect keeps the payload or drops it as browsers do, and takes it to nobody
// else.
func TestRedirectedPayload(t *testing.T) {
	tests := []struct {
		status       int
		method, host string
		want         string
	}{
		{301, "POST", "", "GET [] "},
		{302, "POST", "", "GET [] "},
		{303, "PUT", "", "GET [] "},
		{307, "POST", "", "POST Content-Length 6 s3cret text/plain"},
		{308, "GET", "", "GET Content-Length 6 s3cret text/plain"},
		{307, "POST", "http://other.test", "POST Content-Length 0  "},
		{302, "POST", "http://other.test", "GET [] "},
	}
	for _, tc := range tests {
		var last string
		w := newWorld(t)
		w.sockets.Config.Handler = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			last = fmt.Sprintf("%s %s %s", r.Method, bodyOf(r), r.Header.Get("Content-Type"))
			if r.URL.Path == "/0" {
				rw.Header().Set("Location", tc.host+"/x")
				rw.WriteHeader(tc.status)
			}
		})
		check := HTTP{Target: Target{Port: 80, Path: "/0"}, Host: "app.test", Method: tc.method, Redirects: 1,
			Payload: "s3cret", Headers: "Content-Type: text/plain"}
		kit.WantError(t, ask(t, check.prober(w.dial), "192.0.2.1"), "")
		if last != tc.want {
			t.Errorf("%d of %s to %q: %q, want %q", tc.status, tc.method, tc.host, last, tc.want)
		}
	}
}
