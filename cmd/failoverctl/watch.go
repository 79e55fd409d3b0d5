package main

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/coredns-failover/failover/plugin/admin"
	"github.com/coredns-failover/failover/plugin/event"
)

// refresh is how often a watch on a terminal is drawn anew if nothing happens, for the ages
// in it.
const refresh = 5 * time.Second

// A watch shows the records as they change.
type watch struct {
	*app
	api   *client
	shown map[string]string // the line of each record that was printed last
	note  string            // what is wrong now
}

func (a *app) watchCommand() *cobra.Command {
	return &cobra.Command{
		Use: "watch", Short: "Show the state of all names as it changes",
		Long: `watch shows what "status" does, and keeps it up to date until it is interrupted. If
its output is not a terminal, it prints a line for each name, and then one for each
change.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) (err error) {
			w := &watch{app: a, shown: make(map[string]string)}
			if w.api, err = a.connect(); err != nil {
				return err
			}
			return w.run(c.Context())
		},
	}
}

// run shows the records until ctx ends.
func (w *watch) run(ctx context.Context) error {
	changed := make(chan struct{}, 1)
	wake := func() {
		select {
		case changed <- struct{}{}:
		default: // it is going to look anyway
		}
	}
	ended := make(chan error, 1)
	s := w.api.events("")
	s.connected, s.lost = wake, func(error) { wake() }
	s.event = func(event.Entry, []byte) error { wake(); return nil }
	go func() { ended <- s.run(ctx) }()
	tick := time.NewTicker(refresh)
	defer tick.Stop()
	if w.json() { // times of probes change all the time
		tick.Stop()
	}
	for {
		select {
		case err := <-ended:
			return err
		case <-changed:
		case <-tick.C:
		}
		if err := w.look(ctx); err != nil {
			return err
		}
	}
}

// look shows the records as they are now.
func (w *watch) look(ctx context.Context) error {
	records, text, err := w.api.records(ctx, "")
	switch {
	case ctx.Err() != nil:
		return nil
	case isFinal(err):
		return err
	case err != nil:
		w.complain(err)
		return nil
	}
	w.note = ""
	switch {
	case w.json():
		w.printOnce("", string(text), func() { w.out.raw(text) })
	case w.out.terminal:
		w.draw(records)
	default:
		w.printLines(records)
	}
	return nil
}

// complain says once that the server does not answer.
func (w *watch) complain(err error) {
	if w.note == "" {
		w.err.line(0, "%v; trying again", err)
	}
	w.note = err.Error()
}

func (w *watch) printLines(records []admin.RecordView) {
	several := severalOf(records)
	for i := range records {
		r := &records[i]
		line := fmt.Sprintf("%s: %s, pool %s, %s healthy", title(r, several[r.Name]), r.State, r.Pool, healthy(r))
		for _, note := range notesOf(r) {
			line += ": " + note
		}
		w.printOnce(r.Name+r.Server+r.View, line, func() {
			w.out.hanging(0, noteIndent, time.Now().Format(time.DateTime)+"  "+line)
		})
	}
}

// printOnce prints a line of a record unless it is the last one of it.
func (w *watch) printOnce(key, line string, print func()) {
	if w.shown[key] != line {
		print()
	}
	w.shown[key] = line
}

// draw draws the table over the last one. What does not fit on the terminal is left out.
func (w *watch) draw(records []admin.RecordView) {
	w.out.resize()
	var b bytes.Buffer
	screen := *w.out
	screen.w = &b
	(&app{out: &screen}).printRecords(records)
	lines := strings.Split(strings.TrimRight(b.String(), "\n"), "\n")
	if most := w.out.height - 2; most > 3 && len(lines) > most {
		lines = append(lines[:most-1], "...")
	}
	head := fmt.Sprintf("%s at %s", w.api.at.text, time.Now().Format("15:04:05"))
	lines = append([]string{cut(visible(head), w.out.width)}, lines...)
	fmt.Fprint(w.out.w, "\x1b[H", strings.Join(lines, "\x1b[K\n"), "\x1b[K\n\x1b[J")
}
