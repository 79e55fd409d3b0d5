package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/coredns-failover/failover/plugin/event"
)

// silence is how long a stream may say nothing: three times as long as the server's
// comments are apart. lastPause is the longest time between two attempts to connect.
const (
	silence   = 45 * time.Second
	lastPause = 10 * time.Second
)

// An eventStream is the events of the server as they happen. It connects again when it
// breaks off, and goes on after the last event.
type eventStream struct {
	api    *client
	record string
	after  string // the ID of the last event, or "" for what comes next
	// connected is called each time that there is a connection, lost when it broke off.
	connected func()
	lost      func(error)
	event     func(event.Entry, []byte) error

	pause, silence time.Duration // the first pause, and the constant
}

func (c *client) events(record string) *eventStream {
	return &eventStream{
		api: c, record: record, pause: time.Second, silence: silence,
		connected: func() {},
	}
}

// run calls event until ctx ends, which is no error. What the server refuses, or a first
// connection that cannot be made, is one.
func (s *eventStream) run(ctx context.Context) error {
	pause := s.pause
	for first := true; ; first = false {
		began := time.Now()
		err := s.once(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case first && !errors.Is(err, errBrokeOff), isFinal(err):
			return err
		}
		if time.Since(began) > lastPause {
			pause = s.pause
		}
		s.lost(err)
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return nil
		}
		pause = min(2*pause, lastPause)
	}
}

var errBrokeOff = errors.New("the connection to the API broke off")

// isFinal reports whether an error stays if one tries again.
func isFinal(err error) bool {
	status := statusOf(err)
	return status >= 400 && status < 500 || errors.As(err, new(*callbackError))
}

// A callbackError is one of those whom a stream calls.
type callbackError struct{ error }

func (e *callbackError) Unwrap() error { return e.error }

// once reads one connection to its end.
func (s *eventStream) once(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	header := []string{"Accept", "text/event-stream"}
	if s.after != "" {
		header = append(header, "Last-Event-ID", s.after)
	}
	path := eventsPath
	if s.record != "" {
		path += "?record=" + url.QueryEscape(s.record)
	}
	r, err := s.api.request(ctx, http.MethodGet, path, nil, header...)
	if err != nil {
		return err
	}
	defer r.Body.Close()
	if r.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(io.LimitReader(r.Body, 64<<10))
		return s.api.failureOf(r, text)
	}
	s.connected()
	watchdog := time.AfterFunc(s.silence, cancel)
	defer watchdog.Stop()
	return s.read(r.Body, func() { watchdog.Reset(s.silence) })
}

// read reads server-sent events. alive is called for every line.
func (s *eventStream) read(body io.Reader, alive func()) error {
	lines := bufio.NewReader(body)
	id, data := "", ""
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			return errBrokeOff
		}
		alive()
		field, value, _ := strings.Cut(strings.TrimRight(line, "\r\n"), ":")
		value = strings.TrimPrefix(value, " ")
		switch {
		case field == "id":
			id = value
		case field == "data":
			data += value
		case strings.TrimSpace(line) == "" && data != "":
			if err := s.tell(id, data); err != nil {
				return &callbackError{err}
			}
			id, data = "", ""
		}
	}
}

func (s *eventStream) tell(id, data string) error {
	var e event.Entry
	if err := json.Unmarshal([]byte(data), &e); err != nil {
		return err
	}
	s.after = id
	if id == "" {
		s.after = strconv.FormatUint(e.ID, 10)
	}
	return s.event(e, []byte(data))
}
