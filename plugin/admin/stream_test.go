package admin

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http/httputil"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coredns-failover/failover/plugin/event"
)

// tell tells of n events of a record.
func tell(b *Backend, name string, n int) {
	for i := range n {
		b.Journal.Tell(event.Event{Kind: event.OverrideSet, Time: time.Now(), Record: name, To: "down", Reason: fmt.Sprint("line\nno ", i)})
	}
}

// subscribe asks for events as they happen, and returns what has come so far.
func subscribe(l *pipeListener, query, headers string) (conn net.Conn, got func() (string, bool)) {
	conn = l.dial()
	state := read(conn)
	io.WriteString(conn, "GET /v1/events"+query+" HTTP/1.1\r\nHost: localhost\r\nAccept: text/html, text/event-stream;q=0.9\r\n"+headers+"\r\n")
	return conn, func() (string, bool) {
		synctest.Wait()
		text, open := state()
		head, body, _ := strings.Cut(text, "\r\n\r\n")
		decoded, _ := io.ReadAll(httputil.NewChunkedReader(strings.NewReader(body)))
		return head + "\r\n" + string(decoded), open
	}
}

// ids returns those of the events in a stream.
func ids(text string) string {
	var all []string
	for line := range strings.Lines(text) {
		if id, ok := strings.CutPrefix(line, "id: "); ok {
			all = append(all, strings.TrimSpace(id))
		}
	}
	return strings.Join(all, " ")
}

func TestStream(t *testing.T) {
	tests := []struct{ name, query, headers, want string }{
		{"what comes next", "", "", "6 7 8"},
		{"from an ID on", "", "Last-Event-ID: 3\r\n", "4 5 6 7 8"},
		{"from the first on", "", "Last-Event-ID: 0\r\n", "1 2 3 4 5 6 7 8"},
		{"after in the query", "?after=4", "", "5 6 7 8"},
		{"the header wins", "?after=1", "Last-Event-ID: 4\r\n", "5 6 7 8"},
		{"of an earlier process", "", "Last-Event-ID: 99\r\n", "1 2 3 4 5 6 7 8"},
		{"of one record", "?record=B.example.org", "Last-Event-ID: 0\r\n", "5 8"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, b *Backend, l *pipeListener) {
				tell(b, "a.example.org.", 4)
				tell(b, "b.example.org.", 1)
				conn, got := subscribe(l, test.query, test.headers)
				defer conn.Close()
				got()
				tell(b, "a.example.org.", 2)
				got()
				tell(b, "b.example.org.", 1)
				text, open := got()
				if ids(text) != test.want || !open {
					t.Errorf("got %s, open %t, want %s\n%s", ids(text), open, test.want, text)
				}
				if !strings.Contains(text, "Content-Type: text/event-stream\r\n") || !strings.Contains(text, "event: override\ndata: {") {
					t.Errorf("got %s", text)
				}
			})
		})
	}
}

func TestStreamRefuses(t *testing.T) {
	c := serve(t, newBackend(t), local(t)).with("Accept: text/event-stream")
	c.with("Last-Event-ID: x").wants("GET /v1/events", 400, "Last-Event-ID")
	c.wants("GET /v1/events?after=x", 400, "after")
}

// A stream lives for longer than a request may take, and says every 15 s that it does.
func TestStreamIsAlive(t *testing.T) {
	inBubble(t, func(t *testing.T, b *Backend, l *pipeListener) {
		conn, got := subscribe(l, "", "")
		defer conn.Close()
		time.Sleep(10*time.Minute + time.Second)
		tell(b, "a.", 1)
		text, open := got()
		if n := strings.Count(text, ": alive\n\n"); n != 40 || !open || ids(text) != "1" {
			t.Errorf("after 10 minutes: %d comments, open %t, ids %s", n, open, ids(text))
		}
	})
}

// One whose client may no longer read ends with the next comment.
func TestStreamEndsWithTheToken(t *testing.T) {
	inBubble(t, func(t *testing.T, b *Backend, l *pipeListener) {
		conn, got := subscribe(l, "", "")
		defer conn.Close()
		got()
		a, err := newAccess(Config{Tokens: []Token{{"w0rd", RoleWrite, ""}}})
		if err != nil {
			t.Fatal(err)
		}
		l.listener.current.Store(a)
		time.Sleep(aliveEvery + time.Second)
		if _, open := got(); open {
			t.Error("it goes on without a token")
		}
	})
}

// A client that does not read is cut off when 1,000 events wait, and holds up nobody.
func TestStreamThatNobodyReads(t *testing.T) {
	inBubble(t, func(t *testing.T, b *Backend, l *pipeListener) {
		deaf := l.dial()
		io.WriteString(deaf, "GET /v1/events HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n")
		conn, got := subscribe(l, "", "")
		defer conn.Close()
		got()
		isOpen := func() bool {
			synctest.Wait()
			deaf.SetWriteDeadline(time.Now().Add(time.Second))
			_, err := deaf.Write([]byte("x"))
			return err != io.ErrClosedPipe
		}
		tell(b, "a.", event.Kept-1)
		if !isOpen() {
			t.Error("it is cut off too early")
		}
		tell(b, "a.", 1)
		if isOpen() {
			t.Error("it is not cut off")
		}
		if text, open := got(); !open || !strings.HasSuffix(ids(text), " 1000") {
			t.Error("and the other one is held up")
		}
		deaf.Close()
	})
}

// A client that comes back after more events than are kept gets those, and stays.
func TestStreamFromTooLongAgo(t *testing.T) {
	inBubble(t, func(t *testing.T, b *Backend, l *pipeListener) {
		tell(b, "a.", 3*event.Kept)
		conn, got := subscribe(l, "", "Last-Event-ID: 1\r\n")
		defer conn.Close()
		got()
		tell(b, "a.", 1)
		text, open := got()
		if all := strings.Fields(ids(text)); !open || len(all) != event.Kept+1 || all[0] != "2001" || all[event.Kept] != "3001" {
			t.Errorf("open %t, %d events", open, len(all))
		}
	})
}

func TestListEvents(t *testing.T) {
	b := newBackend(t)
	tell(b, "a.example.org.", 1500)
	tell(b, "b.example.org.", 2)
	c := serve(t, b, local(t))
	for query, want := range map[string]string{
		"": "503-1502", "?limit=2": "1501-1502", "?after=1500": "1501-1502", "?after=1000&limit=3": "1001-1003", "?after=3&limit=1": "503-503",
		"?record=B.example.org": "1501-1502", "?record=a.example.org.&limit=1": "1500-1500", "?limit=5000": "503-1502",
		"?after=1502": "-", "?record=c": "-",
	} {
		body := c.wants("GET /v1/events"+query, 200, `{"events":[`)
		var list EventList
		if err := json.Unmarshal([]byte(body), &list); err != nil {
			t.Fatal(err)
		}
		got := "-"
		if n := len(list.Events); n > 0 {
			got = fmt.Sprintf("%d-%d", list.Events[0].ID, list.Events[n-1].ID)
		}
		if got != want {
			t.Errorf("%s: got %s, want %s", query, got, want)
		}
	}
}
