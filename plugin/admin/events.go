package admin

import (
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/coredns-failover/failover/plugin/event"
)

// An EventList is what has happened, the newest last.
type EventList struct {
	Events []event.Entry `json:"events"`
}

// listEvents answers with what has happened, or goes on telling what happens.
func listEvents(c *call) *Problem {
	q, p := c.eventQuery()
	if p != nil {
		return p
	}
	if wantsStream(c.r) {
		return c.streamEvents(q)
	}
	return c.answer(EventList{c.backend.Journal.Entries(q)})
}

func (c *call) eventQuery() (q event.Query, p *Problem) {
	get := c.r.URL.Query()
	if name := get.Get("record"); name != "" {
		q.Record = absolute(name)
	}
	var err error
	if s := get.Get("limit"); s != "" {
		if q.Limit, err = strconv.Atoi(s); err != nil || q.Limit < 1 {
			return q, ofField("limit", "expected a number from 1 on")
		}
	}
	if s := get.Get("after"); s != "" {
		if q.After, err = strconv.ParseUint(s, 10, 64); err != nil {
			return q, ofField("after", "expected the id of an event")
		}
		q.HasAfter = true
	}
	return q, nil
}

// wantsStream reports whether the client takes server-sent events.
func wantsStream(r *http.Request) bool {
	for accepted := range strings.SplitSeq(r.Header.Get("Accept"), ",") {
		if t, _, err := mime.ParseMediaType(strings.TrimSpace(accepted)); err == nil && t == "text/event-stream" {
			return true
		}
	}
	return false
}

// beatOfStream is how often a stream says that it is alive.
const beatOfStream = 15 * time.Second

// streamEvents writes events as they happen, from Last-Event-ID on.
func (c *call) streamEvents(q event.Query) *Problem {
	q.Limit = 0
	if id := c.r.Header.Get("Last-Event-ID"); id != "" {
		after, err := strconv.ParseUint(id, 10, 64)
		if err != nil {
			return problem(http.StatusBadRequest, "expected Last-Event-ID to be the id of an event")
		}
		q.After, q.HasAfter = after, true
	}
	last, _ := c.backend.Journal.Last()
	if !q.HasAfter {
		q.After, q.HasAfter = last, true
	}
	s := &stream{call: c, rc: http.NewResponseController(c.w)}
	s.sent.Store(min(q.After, last))
	s.rc.SetReadDeadline(time.Time{})
	s.rc.SetWriteDeadline(time.Time{})
	c.w.Header().Set("Content-Type", "text/event-stream")
	c.w.WriteHeader(http.StatusOK)
	done := make(chan struct{})
	defer close(done)
	go s.cutOff(done)
	s.run(q)
	return nil
}

// A stream is events on their way to one client.
type stream struct {
	*call
	rc   *http.ResponseController
	sent atomic.Uint64 // the ID of the last event that the client has taken
}

func (s *stream) run(q event.Query) {
	tick := time.NewTicker(beatOfStream)
	defer tick.Stop()
	s.rc.Flush()
	for {
		last, grown := s.backend.Journal.Last()
		for _, e := range s.backend.Journal.Entries(q) {
			if s.write(e) != nil {
				return
			}
			q.After = e.ID
		}
		q.After = max(q.After, min(last, q.After))
		s.sent.Store(max(s.sent.Load(), last))
		if s.rc.Flush() != nil {
			return
		}
		select {
		case <-grown:
		case <-tick.C:
			if _, err := fmt.Fprint(s.w, ": alive\n\n"); err != nil || s.rc.Flush() != nil {
				return
			}
		case <-s.r.Context().Done():
			return
		}
	}
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
