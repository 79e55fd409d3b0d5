package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/coredns-failover/failover/plugin/admin"
	"github.com/coredns-failover/failover/plugin/event"
)

const eventsPath = "/v1/events"

// An eventLog is the command events.
type eventLog struct {
	*app
	follow bool
	record string
	limit  int
}

func (a *app) eventsCommand() *cobra.Command {
	l := &eventLog{app: a}
	c := &cobra.Command{
		Use: "events [-f] [--record NAME] [-n N]", Short: "Show what has happened, and with -f what happens",
		Long: `events shows the events that the server keeps (the last 1,000), the newest last, in
local time. With -f it goes on until it is interrupted, over restarts of the server
too; with -o json it then prints one event per line.`,
		Args: cobra.NoArgs, ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(c *cobra.Command, _ []string) error { return l.run(c.Context()) },
	}
	f := c.Flags()
	f.BoolVarP(&l.follow, "follow", "f", false, "go on with what happens")
	f.StringVar(&l.record, "record", "", "of this name alone")
	f.IntVarP(&l.limit, "lines", "n", 0, "the last N alone (default all)")
	c.RegisterFlagCompletionFunc("record", a.completeRecord)
	return c
}

func (l *eventLog) run(ctx context.Context) error {
	api, err := l.connect()
	if err != nil {
		return err
	}
	text, err := api.get(ctx, eventsPath+l.query())
	if err != nil || !l.follow {
		return l.answer(text, err, func() error { return l.printAll(text) })
	}
	list, err := decode[struct {
		Events []json.RawMessage `json:"events"`
	}](text)
	if err != nil {
		return err
	}
	s := api.events(l.record)
	s.after = "0" // all that are newer, if there are none yet
	s.event = l.print
	s.lost = func(err error) { l.err.line(0, "%v; trying again", err) }
	for _, text := range list.Events {
		if err := s.tell("", string(text)); err != nil {
			return err
		}
	}
	return s.run(ctx)
}

// print prints an event that is followed.
func (l *eventLog) print(e event.Entry, text []byte) error {
	if l.json() {
		l.out.raw(text)
	} else {
		l.out.printEvent(&e)
	}
	return nil
}

func (l *eventLog) query() string {
	q := url.Values{}
	if l.record != "" {
		q.Set("record", l.record)
	}
	if l.limit != 0 {
		q.Set("limit", strconv.Itoa(l.limit))
	}
	if len(q) == 0 {
		return ""
	}
	return "?" + q.Encode()
}

func (l *eventLog) printAll(text []byte) error {
	list, err := decode[admin.EventList](text)
	if err != nil {
		return err
	}
	if len(list.Events) == 0 {
		l.out.line(0, "Nothing has happened.")
	}
	for i := range list.Events {
		l.out.printEvent(&list.Events[i])
	}
	return nil
}

// eventIndent is where the text of an event begins.
const eventIndent = len("2006-01-02 15:04:05  override  ")

// printEvent prints an event as a line of a log.
func (p *printer) printEvent(e *event.Entry) {
	text := fmt.Sprintf("%s  %-8s  %s", e.Time.Local().Format(time.DateTime), e.Kind, eventText(e))
	p.hanging(0, min(eventIndent, p.width/2), text)
}

// eventText returns what an event says: of what, from where to where, why and who.
func eventText(e *event.Entry) string {
	var parts []string
	for _, part := range []string{subject(e), turn(e), e.Reason} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	text := strings.Join(parts, ": ")
	if e.Actor != "" {
		text += " (" + e.Actor + ")"
	}
	return text
}

func subject(e *event.Entry) string {
	text := e.Record
	named := e.Kind == event.EntryPool || e.Kind == event.EntryDegraded // the pools, by what follows
	for _, part := range []string{e.Pool, e.Endpoint} {
		if part != "" && !named {
			text += "/" + part
		}
	}
	return strings.TrimLeft(text, "/")
}

// turn returns the change of state that an event is.
func turn(e *event.Entry) string {
	switch {
	case e.Kind == event.EntryOverride && e.From != "":
		return e.From + " ends"
	case e.From == "" || e.To == "":
		return e.From + e.To
	}
	return e.From + " -> " + e.To
}
