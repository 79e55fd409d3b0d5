package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coredns-failover/failover/plugin/admin"
	"github.com/coredns-failover/failover/plugin/event"
)

var moment = time.Date(2026, 11, 27, 21, 30, 5, 0, time.UTC)

var entries = []event.Entry{
	{ID: 1, Time: moment, Kind: "check", Endpoint: "192.0.2.10", From: "up", To: "down", Reason: "http :80/: 5 failures in 3.1s: connect: connection refused"},
	{ID: 2, Time: moment, Kind: "endpoint", Record: "app.example.org.", Pool: "primary", Endpoint: "b", From: "up", To: "down", Reason: "\x1b[2Jno"},
	{ID: 3, Time: moment, Kind: "pool", Record: "app.example.org.", Pool: "secondary", From: "primary", To: "secondary", Reason: "R"},
	{ID: 4, Time: moment, Kind: "override", Record: "app.example.org.", Pool: "primary", To: "drain", Reason: "new disk", Actor: "loopback jo"},
	{ID: 5, Time: moment, Kind: "override", Record: "app.example.org.", From: "freeze", Reason: "its time is over"},
	{ID: 6, Time: moment, Kind: "frozen", From: "off", To: "on", Reason: "no witness answers"},
	{ID: 7, Time: moment, Kind: "reload", Reason: "the Corefile was read again"},
}

const log7 = `
2026-11-27 21:30:05  check     192.0.2.10: up -> down: http :80/: 5 failures in
                               3.1s: connect: connection refused
2026-11-27 21:30:05  endpoint  app.example.org./primary/b: up -> down: \x1b[2Jno
2026-11-27 21:30:05  pool      app.example.org.: primary -> secondary: R
2026-11-27 21:30:05  override  app.example.org./primary: drain: new disk
                               (loopback jo)
2026-11-27 21:30:05  override  app.example.org.: freeze ends: its time is over
2026-11-27 21:30:05  frozen    off -> on: no witness answers
2026-11-27 21:30:05  reload    the Corefile was read again
`

func TestEvents(t *testing.T) {
	f := newAPI(t, map[string]string{
		"GET /v1/events": toJSON(t, admin.EventList{Events: entries}), "GET /v1/events?limit=3&record=app.example.org": `{"events":[]}`,
	})
	wantRun(t, "events", 0, log7, "")
	wantRun(t, "events --record app.example.org -n 3", 0, "Nothing has happened.\n", "")
	f.set("GET /v1/events", `400 {"detail":"expected a number","field":"limit"}`)
	wantRun(t, "events", 2, "", "failoverctl: limit: expected a number\n")
}

// A streamAPI sends the rest of the events that it has, one per connection.
type streamAPI struct {
	t       *testing.T
	more    []event.Entry
	lists   string // the answer without a stream
	streams atomic.Int32
	asked   chan string // the Last-Event-ID of each stream
	refuse  atomic.Int32
}

func (s *streamAPI) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if status := s.refuse.Load(); status != 0 {
		w.WriteHeader(int(status))
		return
	}
	if r.Header.Get("Accept") != "text/event-stream" {
		fmt.Fprint(w, s.lists)
		return
	}
	n := int(s.streams.Add(1)) - 1
	s.asked <- r.Header.Get("Last-Event-ID")
	w.Header().Set("Content-Type", "text/event-stream")
	fmt.Fprint(w, ": alive\n\n")
	if n < len(s.more) {
		fmt.Fprintf(w, "id: %d\nevent: check\ndata: %s\n\n", s.more[n].ID, toJSON(s.t, s.more[n]))
		return // and breaks off
	}
	w.(http.Flusher).Flush()
	<-r.Context().Done()
}

func newStreamAPI(t *testing.T, lists string, more ...event.Entry) *streamAPI {
	t.Helper()
	s := &streamAPI{t: t, more: more, lists: lists, asked: make(chan string, 100)}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	t.Setenv(apiVariable, server.URL)
	t.Setenv(fileVariable, "")
	return s
}

// start runs a command until the test ends, or stop is called, which returns its status.
func start(t *testing.T, args ...string) (out, errOut *buffer, stop func() int) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	out, errOut = new(buffer), new(buffer)
	status := make(chan int, 1)
	go func() { status <- run(ctx, args, out, errOut) }()
	return out, errOut, func() int {
		cancel()
		return <-status
	}
}

func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s: not within a minute", what)
		}
	}
}

// -f goes on after the last event, over connections that break off, until it is interrupted.
func TestFollow(t *testing.T) {
	s := newStreamAPI(t, toJSON(t, admin.EventList{Events: entries[:5]}), entries[5:]...)
	out, errOut, stop := start(t, "events", "-f")
	eventually(t, "all events", func() bool { return out.String() == strings.TrimPrefix(log7, "\n") })
	for _, want := range []string{"5", "6", "7"} {
		if got := <-s.asked; got != want {
			t.Errorf("asked for what is after %q, want %s", got, want)
		}
	}
	if status := stop(); status != 0 {
		t.Errorf("exit status %d: %s", status, errOut)
	}
	if want := strings.Repeat("the connection to the API broke off; trying again\n", 2); errOut.String() != want {
		t.Errorf("got %s", errOut)
	}
}

// With JSON, each event is a line as the API has it. Without any event yet, none is lost.
func TestFollowJSON(t *testing.T) {
	s := newStreamAPI(t, `{"events":[]}`, entries[0])
	out, _, _ := start(t, "events", "-f", "-o", "json", "--record", "x")
	eventually(t, "the event", func() bool { return out.String() == toJSON(t, entries[0])+"\n" })
	if got := <-s.asked; got != "0" {
		t.Errorf("asked for what is after %q", got)
	}
}

// What the server refuses ends a stream, as does a first connection that cannot be made.
func TestFollowEnds(t *testing.T) {
	s := newStreamAPI(t, `{"events":[]}`, entries[0])
	out, errOut, _ := start(t, "events", "-f")
	eventually(t, "the event", func() bool { return out.String() != "" })
	s.refuse.Store(http.StatusUnauthorized)
	eventually(t, "the end", func() bool { return strings.Contains(errOut.String(), "wants a token") })
	if status, _, _ := ctl(t.Context(), "events", "-f"); status != 2 {
		t.Errorf("exit status %d", status)
	}
	t.Setenv(apiVariable, "127.0.0.1:1")
	for _, args := range [][]string{{"events", "-f"}, {"watch"}} {
		if status, _, errOut := ctl(t.Context(), args...); status != 2 || !strings.Contains(errOut, "connection refused") {
			t.Errorf("%s: %d %s", args, status, errOut)
		}
	}
}

// A server that says nothing, not even that it lives, is left.
func TestSilentStream(t *testing.T) {
	s := newStreamAPI(t, "")
	api, err := (&app{options: options{api: strings.TrimPrefix(urlOf(t), "http://")}}).connect()
	if err != nil {
		t.Fatal(err)
	}
	stream := api.events("")
	stream.silence, stream.pause = 50*time.Millisecond, time.Millisecond
	ctx, cancel := context.WithCancel(t.Context())
	stream.lost = func(error) { cancel() }
	if err := stream.run(ctx); err != nil || s.streams.Load() != 1 {
		t.Errorf("%v, %d streams", err, s.streams.Load())
	}
}
