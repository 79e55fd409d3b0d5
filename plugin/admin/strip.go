package admin

import (
	"fmt"
	"html/template"
	"strings"
	"time"

	"github.com/coredns-failover/failover/plugin/event"
	"github.com/coredns-failover/failover/plugin/pool"
)

// stripSpan is the time that the strip of a record shows.
const stripSpan = 24 * time.Hour

// A span is a time in which a record answered in one way.
type span struct {
	event.Change
	end time.Time
}

// spansOf returns the spans of changes, the oldest first, within the last stripSpan.
func spansOf(changes []event.Change, now time.Time) (spans []span) {
	begin := now.Add(-stripSpan)
	for i, c := range changes {
		end := now
		if i+1 < len(changes) {
			end = changes[i+1].Time
		}
		if c.Time.Before(begin) {
			c.Time = begin
		}
		if end.After(c.Time) {
			spans = append(spans, span{c, end})
		}
	}
	return spans
}

// Heights of the bars in a strip: what is worse is higher, so that nobody has to tell
// colours apart.
var barHeights = map[pool.State]int{pool.OK: 8, pool.FailedOver: 16, pool.Degraded: 24}

// strip draws what a record answered in the last 24 hours, one unit wide per minute.
func strip(changes []event.Change, now time.Time) template.HTML {
	spans := spansOf(changes, now)
	begin := now.Add(-stripSpan)
	var b strings.Builder
	fmt.Fprintf(&b, `<svg class="strip" viewBox="0 0 1440 24" preserveAspectRatio="none" role="img" aria-label="%s">`,
		template.HTMLEscapeString(stripText(spans)))
	for _, s := range spans {
		x, width := s.Time.Sub(begin).Minutes(), s.end.Sub(s.Time).Minutes()
		height := barHeights[s.State]
		fmt.Fprintf(&b, `<rect class="%s" x="%.2f" y="%d" width="%.2f" height="%d"><title>%s</title></rect>`,
			s.State, x, 24-height, max(width, 1), height, template.HTMLEscapeString(s.text()))
	}
	b.WriteString(`</svg><p class="strip-text" aria-hidden="true"><span>24 hours ago</span>` +
		`<span>low: ok, half: failed over, full: degraded</span><span>now</span></p>`)
	return template.HTML(b.String()) // #nosec G203 -- every text in it is escaped
}

func (s *span) text() string {
	return fmt.Sprintf("%s to %s UTC: %s, pool %s", s.Time.UTC().Format("15:04"), s.end.UTC().Format("15:04"),
		stateWords[s.State], event.Printable(s.Pool))
}

// stripText says in words what a strip shows.
func stripText(spans []span) string {
	if len(spans) == 0 {
		return "Last 24 hours: nothing is known."
	}
	total := make(map[pool.State]time.Duration)
	times := make(map[pool.State]int)
	for _, s := range spans {
		total[s.State] += s.end.Sub(s.Time)
		times[s.State]++
	}
	text := "Last 24 hours: ok for " + short(total[pool.OK])
	for _, state := range []pool.State{pool.FailedOver, pool.Degraded} {
		if n := times[state]; n > 0 {
			text += fmt.Sprintf(", %s for %s in %d %s", stateWords[state], short(total[state]), n, plural(n, "span", "spans"))
		}
	}
	return text + "."
}

// stateWords are the states of records, for people.
var stateWords = map[pool.State]string{pool.OK: "ok", pool.FailedOver: "failed over", pool.Degraded: "degraded"}

// short returns a duration in its two largest units.
func short(d time.Duration) string {
	d = d.Round(time.Second)
	switch {
	case d >= time.Hour:
		return fmt.Sprintf("%dh%dm", d/time.Hour, d%time.Hour/time.Minute)
	case d >= time.Minute:
		return fmt.Sprintf("%dm%ds", d/time.Minute, d%time.Minute/time.Second)
	}
	return d.String()
}

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}
