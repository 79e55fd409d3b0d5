package admin

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

func TestErrors(t *testing.T) {
	b := newBackend(t, "app.example.org.")
	c := serve(t, b, local(t))
	const post = "POST /v1/overrides "
	tests := []struct {
		request string
		status  int
		text    string
	}{
		{"GET /nothing", 404, "there is nothing here"},
		{"GET /v1", 404, ""},
		{"GET /v1/", 404, ""},
		{"POST /v1/nothing", 404, ""},
		{"GET /v1/health/", 404, ""},
		{"GET /v1//health", 404, ""},
		{"GET /v1/./health", 404, ""},
		{"GET /v1/records/../health", 404, ""},
		{"GET /v1/records/..%2fhealth", 404, "there is no record"},
		{"GET /v1/records/%2e%2e/health", 404, ""},
		{"GET /../../etc/passwd", 404, ""},
		{"GET /v1/records/", 404, ""},
		{"GET /v1/records/no.example.org", 404, "there is no record no.example.org."},
		{"GET /v1/records/*.example.org", 404, ""},
		{"POST /v1/records/no.example.org/release", 404, ""},
		{"POST /v1/records/app.example.org/release", 409, "no pool of app.example.org is held back"},
		{"POST /v1/heartbeats/no", 404, ""},
		{"DELETE /v1/overrides/no", 404, ""},
		{"GET /v1/explain?name=no.example.org", 404, ""},

		{"POST /v1/health", 405, "expected GET or HEAD"},
		{"DELETE /v1/records", 405, ""},
		{"PUT /v1/overrides", 405, "expected GET or HEAD or POST"},
		{"GET /v1/overrides/x", 405, "expected DELETE"},
		{"GET /v1/heartbeats/nightly", 405, "expected POST"},
		{"OPTIONS /v1/status", 405, ""},
		{"TRACE /v1/status", 405, ""},

		{"GET /v1/status?x=1", 400, `"field":"x"`},
		{"GET /v1/records?state=bad", 400, `"field":"state"`},
		{"GET /v1/records?zone=a..b", 400, `"field":"zone"`},
		{"GET /v1/records?state=ok&state=ok", 400, `"field":"state"`},
		{"GET /v1/records?state=%zz", 400, "the query is malformed"},
		{"GET /v1/records?state=ok;zone=a", 400, "the query is malformed"},
		{"GET /v1/events?limit=0", 400, `"field":"limit"`},
		{"GET /v1/events?record=app..org", 400, `"field":"record"`},
		{"GET /v1/events?limit=-1", 400, `"field":"limit"`},
		{"GET /v1/events?limit=x", 400, `"field":"limit"`},
		{"GET /v1/events?after=-1", 400, `"field":"after"`},
		{"GET /v1/explain", 400, `"field":"name"`},
		{"GET /v1/explain?name=app.example.org&client=me", 400, `"field":"client"`},
		{"POST /v1/heartbeats/nightly?ok=1", 400, `"field":"ok"`},

		{post + "{", 400, "not JSON"},
		{post + "x", 400, "expected a JSON object"},
		{post + "null", 400, "expected a JSON object"},
		{post + "[]", 400, "expected a JSON object"},
		{post + "{} {}", 400, "expected one JSON object"},
		{post + "", 400, `"field":"changes"`},
		{post + `{"changes":[]}`, 400, `"field":"changes"`},
		{post + `{"change":[]}`, 400, `"field":"change"`},
		{post + `{"changes":{}}`, 400, `"field":"changes"`},
		{post + `{"changes":[{"action":1}]}`, 400, "expected a string, and it is a JSON number"},
		{post + `{"changes":[],"force":"yes"}`, 400, "expected true or false, and it is a JSON string"},
		{post + `{"changes":[{"record":"app.example.org","why":"x"}]}`, 400, `"field":"why"`},
		{"POST /v1/heartbeats/nightly {\"ok\":1}", 400, `"field":"ok"`},
		{"POST /v1/heartbeats/nightly {\"state\":1}", 400, `"field":"state"`},
		{"POST /v1/records/app.example.org/release {\"x\":1}", 400, `"field":"x"`},
		{"POST /v1/records/app.example.org/release []", 400, ""},
	}
	for _, test := range tests {
		body := c.wants(test.request, test.status, test.text)
		if strings.Contains(body, "override.") || strings.Contains(body, "struct") {
			t.Errorf("%s: the answer has a name of Go: %s", test.request, body)
		}
	}
	resp, _ := c.call("PUT /v1/overrides")
	if got := resp.Header.Get("Allow"); got != "GET, HEAD, POST" {
		t.Errorf("Allow is %q", got)
	}
}

// NAMEs are taken in any case, with a dot at the end or without; answers have one form.
func TestNames(t *testing.T) {
	c := serve(t, newBackend(t, "app.example.org.", "*.apps.example.org.", "other.example.net."), local(t))
	const app, wild = `"name":"app.example.org."`, `"name":"*.apps.example.org."`
	for request, want := range map[string]string{
		"GET /v1/records/app.example.org": app, "GET /v1/records/APP.Example.ORG.": app, "GET /v1/records/app%2Eexample.org": app,
		"GET /v1/records/%2A.apps.example.org": wild, "GET /v1/records/%2a.APPS.example.org.": wild, "GET /v1/records/*.apps.example.org": wild,
		"GET /v1/explain?name=APP.example.org": `"name":"app.example.org."`,
	} {
		body := c.wants(request, 200, want)
		if n := strings.Count(body, `"server"`); n != 1 {
			t.Errorf("%s: got %d records", request, n)
		}
	}
	for query, n := range map[string]int{
		"": 3, "?zone=": 3, "?zone=EXAMPLE.org": 2, "?zone=apps.example.org.": 1, "?zone=org": 2, "?zone=.": 3, "?zone=ample.org": 0,
		"?state=ok": 3, "?state=degraded": 0, "?state=ok&zone=net": 1,
	} {
		var list RecordList
		if err := json.Unmarshal([]byte(c.wants("GET /v1/records"+query, 200, "")), &list); err != nil || len(list.Records) != n || list.Records == nil {
			t.Errorf("%s: got %d records, %v, want %d", query, len(list.Records), err, n)
		}
	}
}

// A HEAD is answered as a GET, without a body, also where a GET goes on for ever.
func TestHead(t *testing.T) {
	c := serve(t, newBackend(t, "app.example.org."), local(t)).with("Accept: text/event-stream")
	for path, status := range map[string]int{
		"/v1/health": 200, "/v1/status": 200, "/v1/records": 200, "/v1/records/no": 404, "/v1/events": 200, "/openapi.json": 200, "/x": 404,
	} {
		got, _ := c.call("HEAD " + path)
		if got.StatusCode != status {
			t.Errorf("HEAD %s: got %d, want %d", path, got.StatusCode, status)
		}
	}
}

// What comes with every answer.
func TestHeaders(t *testing.T) {
	c := serve(t, newBackend(t), local(t))
	for _, request := range []string{readIt, "GET /nothing"} {
		resp, _ := c.call(request)
		for name, want := range map[string]string{"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"} {
			if got := resp.Header.Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", request, name, got, want)
			}
		}
	}
	resp, _ := c.call(readIt)
	if got := resp.Header.Get("Content-Type"); got != "application/json" {
		t.Errorf("Content-Type is %q", got)
	}
}

// A body has 64 KiB at most, whether its length is known before or not.
func TestBodies(t *testing.T) {
	c := serve(t, newBackend(t, "app.example.org."), local(t))
	reason := func(n int) string {
		return `POST /v1/heartbeats/nightly {"ok":false,"reason":"` + strings.Repeat("x", n) + `"}`
	}
	c.wants(reason(60<<10), 204, "")
	c.wants(reason(64<<10), 413, "64 KiB")
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, c.url+"/v1/heartbeats/nightly", &endless{left: 10 << 20})
	if err != nil {
		t.Fatal(err)
	}
	r.Header = c.header
	resp, err := c.Do(r)
	if err != nil {
		return // it has been cut off while it wrote
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("10 MB: got %d", resp.StatusCode)
	}
}

// An endless reader reads spaces.
type endless struct{ left int }

func (e *endless) Read(p []byte) (int, error) {
	if e.left -= len(p); e.left < 0 {
		return 0, http.ErrBodyReadAfterClose
	}
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

// The reason of a failed beat is kept, and has a bound.
func TestBeats(t *testing.T) {
	b := newBackend(t)
	var got []error
	b.Beat = func(_ string, err error) bool {
		got = append(got, err)
		return true
	}
	c := serve(t, b, local(t))
	for _, body := range []string{"", "{}", ` { "ok" : true } `, `{"ok":true,"reason":"x"}`, `{"reason":"x"}`} {
		c.wants("POST /v1/heartbeats/nightly "+body, 204, "")
		if len(got) != 1 || got[0] != nil {
			t.Errorf("%q: got %v", body, got)
		}
		got = nil
	}
	for body, want := range map[string]string{
		`{"ok":false}`: errBeat.Error(), `{"ok":false,"reason":"disk full"}`: "disk full",
		`{"ok":false,"reason":"` + strings.Repeat("é", 300) + `"}`: strings.Repeat("é", 200),
	} {
		c.wants("POST /v1/heartbeats/nightly "+body, 204, "")
		if len(got) != 1 || got[0] == nil || got[0].Error() != want {
			t.Errorf("%q: got %v, want %s", body, got, want)
		}
		got = nil
	}
}

// A handler that panics is answered for, and the server lives on.
func TestPanic(t *testing.T) {
	b := newBackend(t)
	warned := make(chan string, 1)
	b.Warn = func(format string, v ...any) { warned <- v[0].(string) }
	b.Ready = func() bool { panic("a\nb") }
	c := serve(t, b, local(t))
	c.wants(readIt, 500, "a fault of the server")
	if got := <-warned; got != `a\nb` {
		t.Errorf("the warning is %q", got)
	}
	c.wants(healthIt, 200, "")
}
