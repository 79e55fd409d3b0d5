package main

import (
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/coredns-failover/failover/plugin/admin"
	"github.com/coredns-failover/failover/plugin/pool"
)

func urlOf(t *testing.T) string {
	t.Helper()
	return os.Getenv(apiVariable)
}

// Where no terminal is, each name has a line, and another one when it changes.
func TestWatchLines(t *testing.T) {
	r := newRecord("app.example.org.")
	f := newAPI(t, map[string]string{"GET /v1/records": list(t, r)})
	s := &streamAPI{t: t, more: entries[:1], asked: make(chan string, 9)}
	handler := f.server.Config.Handler
	f.server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if req.URL.Path == "/v1/events" {
			s.ServeHTTP(w, req)
			return
		}
		handler.ServeHTTP(w, req)
	})
	out, errOut, stop := start(t, "watch")
	const first = "  app.example.org.: ok, pool primary, 2/2 healthy\n"
	eventually(t, "the first line", func() bool { return strings.HasSuffix(out.String(), first) })
	<-s.asked
	<-s.asked // it has connected again
	r.State, r.Pool, r.Reason = pool.Degraded, "none", "bad\x1b"
	r.Pools[0].Active = false
	f.set("GET /v1/records", list(t, r))
	eventually(t, "the second line", func() bool { return strings.Contains(out.String(), `: degraded, pool none, - healthy: bad\x1b`) })
	if n := strings.Count(out.String(), first); n != 1 {
		t.Errorf("the first line is there %d times", n)
	}
	wantFits(t, out.String())
	if status := stop(); status != 0 {
		t.Errorf("exit status %d: %s", status, errOut)
	}
}

// On a terminal the table is drawn over the last one, and stays on the screen.
func TestWatchDraws(t *testing.T) {
	var out buffer
	w := &watch{app: &app{out: &printer{w: &out, width: 80, height: 6, terminal: true}}, api: &client{at: address{text: "127.0.0.1:8053"}}}
	records := []admin.RecordView{newRecord("a."), newRecord("b."), newRecord("c."), newRecord("d.")}
	w.draw(records[:1])
	got := out.String()
	if !strings.HasPrefix(got, "\x1b[H127.0.0.1:8053 at ") || !strings.HasSuffix(got, "\x1b[K\n\x1b[J") || strings.Count(got, "\n") != 4 {
		t.Errorf("got %q", got)
	}
	w.draw(records)
	got = strings.TrimPrefix(out.String(), got)
	if strings.Count(got, "\n") != 5 || !strings.Contains(got, "\n...\x1b[K\n") {
		t.Errorf("got %q", got)
	}
}
