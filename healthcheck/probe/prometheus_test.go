package probe

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/test/kit"
)

// result returns a successful answer.
func result(kind, result string) string {
	return `{"status":"success","data":{"resultType":"` + kind + `","result":` + result + `}}`
}

// vector returns an answer with these values.
func vector(values ...string) string {
	series := make([]string, len(values))
	for i, v := range values {
		series[i] = `{"metric":{"job":"x"},"value":[1435781451.781,"` + v + `"]}`
	}
	return result("vector", "["+strings.Join(series, ",")+"]")
}

// warned returns answer with two warnings.
func warned(answer string) string {
	return strings.Replace(answer, "{", `{"warnings":["store1 is away\nfor long","store2 is away"],`, 1)
}

func TestPrometheus(t *testing.T) {
	const none = "not an answer of Prometheus"
	tests := []struct {
		status     int
		body, want string
		unknown    bool
	}{
		{200, vector("1"), "", false},
		{200, vector("-0.5"), "", false},
		{200, vector("+Inf"), "", false},
		{200, vector("0", "NaN", "2"), "", false},
		{200, result("scalar", `[1435781451.781,"3"]`), "", false},
		{200, vector(), "the result is empty", false},
		{200, result("vector", "null"), "the result is empty", false},
		{200, vector("0"), "the result is zero", false},
		{200, vector("0", "-0", "0"), "the result is zero", false},
		{200, vector("NaN"), "the result is NaN", false},
		{200, result("scalar", `[1,"0"]`), "the result is zero", false},
		{200, result("scalar", `[1,"NaN"]`), "the result is NaN", false},

		{200, warned(vector("1")), "", false},
		{200, warned(vector("0")), "the result is zero", false},
		{200, warned(vector()), "the result is empty, with a warning: store1 is away", true},
		{200, strings.Replace(vector(), "{", `{"warnings":[],"infos":["slow"],`, 1), "the result is empty", false},
		{200, result("string", `[1,"x"]`), "the result is a string, expected a vector or scalar", true},
		{200, result("matrix", `[{"values":[[1,"1"]]}]`), "the result is a matrix", true},
		{200, result("vector", `[{"histogram":[1,{"count":"1"}]}]`), "the result has something else than numbers", true},
		{200, result("vector", `[{"value":[1]}]`), "the result has something else than numbers", true},
		{200, result("vector", `[{"value":[1,1]}]`), "the result has something else than numbers", true},
		{200, result("vector", `{}`), none, true},
		{200, result("scalar", `[]`), "the result has something else than numbers", true},
		{200, "", none, true},
		{200, "<html>", none, true},
		{200, "{}", none, true},
		{200, vector("1") + "x", none, true},
		{200, strings.Repeat(" ", maxBody) + vector("1"), "more than 64 KiB of result", true},
		{400, `{"status":"error","errorType":"bad_data","error":"1:4: parse error\nsecond line"}`, "the query: bad_data: 1:4: parse error", true},
		{200, `{"status":"error","errorType":"execution","error":"boom"}`, "the query: execution: boom", true},
		{503, vector("1"), "status 503, expected 200", true},
		{302, "", "status 302, expected 200", true},
		{401, "Unauthorized", "status 401, expected 200", true},
	}
	for _, tc := range tests {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(tc.status)
			io.WriteString(w, tc.body)
		}))
		check := Prometheus{Server: Target{Host: "127.0.0.1", Port: kit.PortOfListener(server.Listener)}, Query: "up"}
		err := ask(t, check.Prober(), "192.0.2.1")
		kit.WantError(t, err, tc.want)
		if errors.Is(err, healthcheck.ErrInconclusive) != tc.unknown || t.Failed() {
			t.Fatalf("%d %.200s: %v, unknown wanted: %v", tc.status, tc.body, err, tc.unknown)
		}
		server.Close()
	}
}

func TestPrometheusRequest(t *testing.T) {
	ca := newAuthority(t)
	file := filepath.Join(t.TempDir(), "ca")
	kit.Write(t, file, ca.pem)
	var got *http.Request
	port := serveTLS(t, serving(ca.issue("localhost", hour)), http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r
		io.WriteString(w, vector("1"))
	}))
	check := Prometheus{
		TLS: true, Server: Target{Host: "localhost", Port: port, Path: "/prom"},
		Query:   `up{instance="{endpoint}:9100",x=~"a+b&c"} == 1 % 2`,
		Headers: "X-Scope-Orgid: team", Bearer: "t0ken", TLSOptions: TLSOptions{CA: file},
	}
	for addr, in := range map[string]string{"192.0.2.1": "192.0.2.1", "2001:db8::1": "2001:db8::1", "fe80::1%eth0": "fe80::1%eth0"} {
		kit.WantError(t, ask(t, check.Prober(), addr), "")
		if got == nil {
			t.Fatal("nobody asks")
		}
		want := `up{instance="` + in + `:9100",x=~"a+b&c"} == 1 % 2`
		if q := got.URL.Query(); got.URL.Path != "/prom/api/v1/query" || len(q) != 1 || q.Get("query") != want {
			t.Errorf("asks %s for %s, want %s", got.URL.Path, q, want)
		}
		if h := got.Header; h.Get("Authorization") != "Bearer t0ken" || h.Get("X-Scope-Orgid") != "team" || got.Host != "localhost:"+check.Server.port() {
			t.Errorf("asks %s with %v", got.Host, h)
		}
	}
	check.TLSOptions.CA = ""
	err := ask(t, check.Prober(), "192.0.2.1")
	kit.WantError(t, err, "TLS handshake: x509: certificate signed by unknown authority")
	if !errors.Is(err, healthcheck.ErrInconclusive) {
		t.Errorf("%v is not inconclusive", err)
	}
}

// A probe is inconclusive if the server gives no result, for whatever reason.
func TestPrometheusThatMisbehaves(t *testing.T) {
	tests := map[string]struct {
		handle func(net.Conn)
		want   string
		took   time.Duration
	}{
		"silent":   {func(conn net.Conn) { io.Copy(io.Discard, conn) }, "waiting for the answer: no answer within 5s", 5 * time.Second},
		"hangs up": {func(conn net.Conn) { conn.Read(make([]byte, 1024)) }, "waiting for the answer: connection closed", 0},
		"floods": {func(conn net.Conn) {
			conn.Read(make([]byte, 4096))
			io.WriteString(conn, "HTTP/1.1 200 OK\r\n\r\n[")
			for err := error(nil); err == nil; {
				_, err = io.WriteString(conn, "[[[[[[[[")
			}
		}, "more than 64 KiB of result", 0},
		"stalls": {func(conn net.Conn) {
			conn.Read(make([]byte, 4096))
			io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{")
			io.Copy(io.Discard, conn)
		}, "reading the body: no answer within 5s", 5 * time.Second},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				check := Prometheus{Server: Target{Host: "127.0.0.1", Port: 9090}, Query: "up"}
				err := ask(t, check.prober(pipes(tc.handle)), "192.0.2.1")
				kit.WantError(t, err, tc.want)
				if took := time.Since(start); took != tc.took || !errors.Is(err, healthcheck.ErrInconclusive) {
					t.Errorf("after %v: %v", took, err)
				}
			})
		})
	}
	closed := kit.Listen(t, nil)
	closed.Close()
	err := ask(t, Prometheus{Server: Target{Host: "127.0.0.1", Port: kit.PortOfListener(closed)}, Query: "up"}.Prober(), "192.0.2.1")
	kit.WantError(t, err, "connect: connection refused")
	if !errors.Is(err, healthcheck.ErrInconclusive) {
		t.Errorf("%v is not inconclusive", err)
	}
}

// No error shows what a server quotes of the request: a gateway in front of it may quote
// the token that it refuses.
func TestPrometheusQuotesNoSecret(t *testing.T) {
	for _, body := range []string{
		`{"status":"error","errorType":"s3cret","error":"token t0ken of s3cret"}`,
		`{"status":"success","warnings":["no store for s3cret: t0ken"],"data":{"resultType":"vector","result":[]}}`,
		`{"status":"success","data":{"resultType":"t0ken","result":[]}}`,
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, body) }))
		check := Prometheus{
			Server: Target{Host: "127.0.0.1", Port: kit.PortOfListener(server.Listener)}, Query: "up",
			Headers: "X-Scope-Orgid: s3cret", Bearer: "t0ken",
		}
		err := ask(t, check.Prober(), "192.0.2.1")
		if err == nil || strings.Contains(err.Error(), "s3cret") || strings.Contains(err.Error(), "t0ken") {
			t.Errorf("%s: %v", body, err)
		}
		server.Close()
	}
}
