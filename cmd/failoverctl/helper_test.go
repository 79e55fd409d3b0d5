package main

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coredns-failover/failover/plugin/admin"
	"github.com/coredns-failover/failover/plugin/pool"
	"github.com/coredns-failover/failover/test/kit"
)

func TestMain(m *testing.M) {
	time.Local = time.UTC
	os.Exit(m.Run())
}

// A fakeAPI answers with what a test says, and keeps what it was asked.
type fakeAPI struct {
	*testing.T
	server  *httptest.Server
	mu      sync.Mutex // guards the following
	answers map[string]string
	then    map[string]string // what GET of the drilled record answers after a request
	asked   []string          // METHOD PATH BODY
}

// newAPI returns an API with answers by method and path. One that begins with a number is
// a problem of that status; one that is not there is 404.
func newAPI(t *testing.T, answers map[string]string) *fakeAPI {
	t.Helper()
	f := &fakeAPI{T: t, answers: answers}
	f.server = httptest.NewServer(f)
	t.Cleanup(f.server.Close)
	t.Setenv(apiVariable, f.server.URL)
	t.Setenv(fileVariable, "")
	return f
}

// emptyTargets are the fields of targets that say nothing.
var emptyTargets = regexp.MustCompile(`"(record|pool|endpoint|address|server|view)":"",`)

func (f *fakeAPI) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	f.mu.Lock()
	key := r.Method + " " + r.URL.RequestURI()
	f.asked = append(f.asked, strings.TrimSpace(key+" "+emptyTargets.ReplaceAllString(string(body), "")))
	answer, ok := f.answers[key]
	if next := f.then[key]; next != "" {
		f.answers[drilledRecord] = next
	}
	f.mu.Unlock()
	status := http.StatusOK
	if !ok {
		answer = `404 {"title":"Not Found","status":404,"detail":"there is no such thing"}`
	}
	if len(answer) >= 4 && answer[3] == ' ' {
		json.Unmarshal([]byte(answer[:3]), &status)
		answer = answer[4:]
	}
	w.WriteHeader(status)
	io.WriteString(w, answer)
}

// set replaces an answer.
func (f *fakeAPI) set(key, answer string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.answers[key] = answer
}

// requests returns what was asked so far.
func (f *fakeAPI) requests() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return strings.Join(f.asked, "\n")
}

// ctl runs a command line, and returns its exit status and what it printed.
func ctl(ctx context.Context, args ...string) (status int, out, errOut string) {
	var o, e kit.Buffer
	status = run(ctx, args, &o, &e)
	return status, o.String(), e.String()
}

// wantRun runs a command line, and compares all that comes of it. It must fit 80 columns.
func wantRun(t *testing.T, args string, status int, out, errOut string) {
	t.Helper()
	gotStatus, gotOut, gotErr := ctl(t.Context(), strings.Split(args, " ")...)
	if gotStatus != status {
		t.Errorf("failoverctl %s: exit status %d, want %d: %s", args, gotStatus, status, gotErr)
	}
	if want := strings.TrimPrefix(out, "\n"); gotOut != want {
		t.Errorf("failoverctl %s: got\n%s\nwant\n%s", args, gotOut, want)
	}
	if gotErr != errOut {
		t.Errorf("failoverctl %s: error\n%s\nwant\n%s", args, gotErr, errOut)
	}
	wantFits(t, gotOut)
}

func wantFits(t *testing.T, text string) {
	t.Helper()
	for line := range strings.Lines(text) {
		if n := cellsOf(strings.TrimRight(line, "\n")); n > usualWidth {
			t.Errorf("%d columns: %s", n, line)
		}
	}
}

func toJSON(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// ago is when the records of tests became what they are.
func ago() time.Time { return time.Now().Add(-3*time.Hour - 5*time.Minute) }

// newRecord returns a record with a primary and a secondary that are up.
func newRecord(name string) admin.RecordView {
	return admin.RecordView{
		Name: name, Server: "dns://:53", State: pool.OK, Pool: "primary", Since: ago(), Reason: "start", TTL: 30, Overrides: []string{},
		Pools: []admin.PoolView{
			{Name: "primary", Rank: 1, State: "up", Healthy: 2, Needed: 1, Active: true, Endpoints: []admin.EndpointView{
				{Name: "192.0.2.10", Address: "192.0.2.10", State: "up", Probed: "up", Served: true, Since: ago()},
				{Name: "b", Address: "192.0.2.11", State: "up", Probed: "up", Served: true, Since: ago()},
			}},
			{Name: "secondary", Rank: 2, State: "up", Healthy: 1, Needed: 1, Endpoints: []admin.EndpointView{
				{Name: "198.51.100.10", Address: "198.51.100.10", State: "up", Probed: "up", Since: ago()},
			}},
		},
	}
}

func list(t *testing.T, records ...admin.RecordView) string {
	t.Helper()
	return toJSON(t, admin.RecordList{Records: records})
}
