package probe

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/test/kit"
)

func TestAssert(t *testing.T) {
	const ok = `{"status": "ok", "replicas": 3, "ready": true, "nodes": [{"up": true}, {"up": false}], "none": null}`
	long := `{"status": "ok", "pad": "` + strings.Repeat("x", maxBody) + `"}`
	tests := []struct {
		assert, body, want string
	}{
		{"status == 200", "", ""},
		{"status in 300..399", "", "assert status in 300..399: it is false"},
		{`body contains "replicas"`, ok, ""},
		{`body matches "^{.*}$"`, ok, ""},
		{"len(body) == 65536", long, ""},
		{`json.status == "ok" && json.replicas == 3`, ok, ""},
		{`$env.json.status == "ok"`, ok, ""},
		{"json.ready", ok, ""},
		{"!json.ready", ok, "assert !json.ready: it is false"},
		{"count(json.nodes, .up) > 1", ok, "assert count(json.nodes, .up) > 1: it is false"},
		{"json.missing == nil", ok, ""},
		{"json == nil", "up", ""},
		{"json == nil", "null", ""},
		{"json == nil", `{"a": 1} trailing`, ""},
		{"json == nil", long, ""},
		{"json?.status == nil", "up", ""},
		{"json[0] == 1", "[1]", ""},
		{`header("X-Role") == "primary" && header("x-role") == "primary"`, "", ""},
		{`header("Missing") == ""`, "", ""},

		{"json.status == 'ok'", "up", "assert json.status == 'ok': cannot fetch status from <nil>"},
		{"json.none.deep", ok, "assert json.none.deep: cannot fetch deep from <nil>"},
		{"json.replicas", ok, "assert json.replicas: "},
		{"json.nodes[7].up", ok, "assert json.nodes[7].up: "},
		{"int(body) > 1", "s3cret", "assert int(body) > 1: it cannot be evaluated on this answer"},
		{"json[body] == 1", "[1]", "assert json[body] == 1: it cannot be evaluated on this answer"},
		{"json.replicas startsWith 'x'", ok, "assert json.replicas startsWith 'x': it cannot be evaluated on this answer"},
		{"len(1..status*100000) > 0", "", "assert len(1..status*100000) > 0: it takes too much memory"},
	}
	for _, tc := range tests {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Role", "primary")
			io.WriteString(w, tc.body)
		}))
		check := HTTP{Target: Target{Port: kit.PortOfListener(server.Listener)}, Assert: tc.assert}
		err := ask(t, check.Prober(), "127.0.0.1")
		if kit.WantError(t, err, tc.want); t.Failed() {
			t.Fatalf("%s of %.100s", tc.assert, tc.body)
		}
		if err != nil && (errors.Is(err, healthcheck.ErrInconclusive) || strings.Contains(err.Error(), "s3cret") || strings.Contains(err.Error(), "\n")) {
			t.Errorf("%s: %q", tc.assert, err)
		}
		server.Close()
	}
}

// What a body can make of an expression is bounded: in steps, and by the timeout.
func TestAssertOnAHostileBody(t *testing.T) {
	var distinct strings.Builder
	for i := 0; distinct.Len() < maxBody-10; i++ {
		fmt.Fprintf(&distinct, "%d,", i)
	}
	ones := "[" + strings.Repeat("1,", maxBody/2-2) + "1]"
	numbers := "[" + distinct.String() + "1]"
	const steps = "it takes too many steps"
	tests := []struct{ assert, body, want string }{
		{"all(json, # == 1)", ones, ""},
		{"sum(map(json, # * 2)) > 0 && count(json, # == 1) > 0", ones, ""},
		{"reduce(json, #acc + #, 0) > 0", ones, ""},
		{"len(uniq(json)) == 1 && len(uniq([1, 2, 2])) == 2", "[1,1,1]", ""},
		{"all(json, all(json, # == 1))", ones, steps},
		{"none(json, any(json, # == 2))", ones, steps},
		{"len(map(json, count(json, # == 1))) > 0", ones, steps},
		{"sum(json, sum(json, #)) > 0", ones, steps},
		{"len(filter(json, find(json, # == 2) != nil)) == 0", ones, steps},
		{"len(groupBy(json, count(json, # > 1))) == 0", ones, steps},
		{"len(sortBy(json, count(json, # > 1))) == 0", ones, steps},
		{"reduce(json, #acc + count(json, # > 1), 0) == 0", ones, steps},
		{"findLast(json, findLastIndex(json, # == 2) != nil) == 0", ones, steps},
		{"one(json, one(json, # == 1))", ones, steps},
		{"len(uniq(json)) > 1", numbers, steps},
		{"len(uniq($env.json)) > 1", numbers, steps},
		{"len(uniq(1..status+3)) == 3", "", ""},
		{"len(uniq(1..status+5000)) > 1", "", steps},
		{"len(uniq(status)) > 1", "", "it cannot be evaluated on this answer"},
		{"all(json, len(split(body, '1')) > 0 && len(split(body, '2')) > 0)", numbers, "no answer within 100ms"},
	}
	for _, tc := range tests {
		a := mustAssert(tc.assert)
		const timeout = 100 * time.Millisecond
		ctx, cancel := healthcheck.WithTimeout(t.Context(), timeout)
		if !strings.HasPrefix(tc.want, "no answer") {
			cancel()
			ctx, cancel = context.WithTimeout(t.Context(), time.Minute)
		}
		start := time.Now()
		err := a.verify(ctx, new(http.Response), []byte(tc.body))
		took := time.Since(start)
		cancel()
		want := tc.want
		if want != "" {
			want = "assert " + tc.assert + ": " + want
		}
		kit.WantError(t, err, want)
		if took > 30*time.Second { // be the machine as busy as it may
			t.Errorf("%s takes %v", tc.assert, took)
		}
	}
}

// One of many probes at a time sees its own answer only.
func TestAssertIsShared(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, r.URL.Path[1:])
	}))
	defer server.Close()
	check := HTTP{Target: Target{Port: kit.PortOfListener(server.Listener), Path: "/{endpoint}"}, Assert: "body == '127.0.0.1'"}
	p := check.Prober()
	done := make(chan error)
	for range 20 {
		go func() { done <- p.Probe(t.Context(), kit.Loopback) }()
	}
	for range 20 {
		kit.WantError(t, <-done, "")
	}
}

func TestAssertOnAnEndlessBody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		check := HTTP{Target: Target{Port: 80}, Method: "GET", Assert: "status == 200"}
		flood := check.prober(pipes(func(conn net.Conn) {
			conn.Read(make([]byte, 1024))
			io.WriteString(conn, "HTTP/1.1 200 OK\r\n\r\n")
			for err := error(nil); err == nil; {
				_, err = conn.Write(make([]byte, 1024))
			}
		}))
		kit.WantError(t, ask(t, flood, "127.0.0.1"), "")
		start, gone := time.Now(), make(chan bool)
		drip := check.prober(pipes(func(conn net.Conn) {
			conn.Read(make([]byte, 1024))
			io.WriteString(conn, "HTTP/1.1 200 OK\r\n\r\n")
			for err := error(nil); err == nil; time.Sleep(time.Second) {
				_, err = io.WriteString(conn, "x")
			}
			close(gone)
		}))
		kit.WantError(t, ask(t, drip, "127.0.0.1"), "reading the body: no answer within 5s")
		if took := time.Since(start); took != 5*time.Second {
			t.Errorf("ends after %v", took)
		}
		<-gone
	})
}
