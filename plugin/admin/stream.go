package admin

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/coredns-failover/failover/plugin/event"
)

const (
	// aliveEvery is how often a stream says that it is alive.
	aliveEvery = 15 * time.Second
	// streamBuffer is how many bytes of a stream the kernel holds for a client that does not
	// read.
	streamBuffer = 32 << 10
)

// streamEvents writes events as they happen, from Last-Event-ID on.
func (c *call) streamEvents(q event.Query) *Problem {
	q.Limit = 0
	last, _ := c.backend.Journal.Last()
	if id := c.r.Header.Get("Last-Event-ID"); id != "" {
		after, err := strconv.ParseUint(id, 10, 64)
		if err != nil {
			return problem(http.StatusBadRequest, "expected Last-Event-ID to be the id of an event")
		}
		q.After, q.HasAfter = after, true
	}
	switch {
	case !q.HasAfter:
		q.After, q.HasAfter = last, true
	case q.After > last: // it is of an earlier process
		q.After = 0
	}
	c.w.Header().Set("Content-Type", "text/event-stream")
	c.w.WriteHeader(http.StatusOK)
	if c.r.Method == http.MethodHead {
		return nil
	}
	s := &stream{call: c, rc: http.NewResponseController(c.w)}
	s.sent.Store(last) // what came before is sent at once, and does not wait
	s.prepare()
	done := make(chan struct{})
	defer close(done)
	go s.cutOff(done)
	s.run(q)
	panic(http.ErrAbortHandler) // nothing follows on this connection
}

// A stream is events on their way to one client.
type stream struct {
	*call
	rc   *http.ResponseController
	sent atomic.Uint64 // the ID of the last event that the client has taken
}

// prepare lets the connection live for as long as the client reads.
func (s *stream) prepare() {
	s.rc.SetReadDeadline(time.Time{})
	s.rc.SetWriteDeadline(time.Time{})
	if conn, ok := s.r.Context().Value(connKey{}).(net.Conn); ok {
		if b, ok := socketOf(conn).(interface{ SetWriteBuffer(int) error }); ok {
			b.SetWriteBuffer(streamBuffer)
		}
	}
}

func (s *stream) run(q event.Query) {
	tick := time.NewTicker(aliveEvery)
	defer tick.Stop()
	for {
		last, grown := s.backend.Journal.Last()
		for _, e := range s.backend.Journal.Entries(q) {
			if s.write(e) != nil {
				return
			}
			last = max(last, e.ID)
		}
		if s.rc.Flush() != nil {
			return
		}
		q.After = last
		s.sent.Store(last)
		select {
		case <-grown:
		case <-tick.C:
			if _, err := fmt.Fprint(s.w, ": alive\n\n"); err != nil || !s.allowed() {
				return
			}
		case <-s.r.Context().Done():
			return
		}
	}
}

// allowed reports whether the client may still read events: a reload may have changed
// who may.
func (s *stream) allowed() bool {
	a := s.access()
	who := a.callerOf(s.r)
	return who != nil && *who == s.caller && !a.isStale(s.r)
}

func (s *stream) write(e event.Entry) error {
	text, err := json.Marshal(e)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.w, "id: %d\nevent: %s\ndata: %s\n\n", e.ID, e.Kind, text)
	return err
}

// cutOff ends a stream whose client does not read while as many events wait as are kept.
func (s *stream) cutOff(done <-chan struct{}) {
	for {
		last, grown := s.backend.Journal.Last()
		if last-s.sent.Load() >= event.Kept {
			s.rc.SetWriteDeadline(time.Unix(1, 0))
			return
		}
		select {
		case <-grown:
		case <-done:
			return
		}
	}
}
