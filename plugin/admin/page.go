package admin

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/plugin/event"
	"github.com/coredns-failover/failover/plugin/override"
	"github.com/coredns-failover/failover/plugin/pool"
)

// What the page shows of what there may be much of.
const (
	recordsOnPage = 50
	eventsOnPage  = 50
)

//go:embed page
var pageFiles embed.FS

var pageTemplate = template.Must(template.New("page.html").
	Funcs(template.FuncMap{"visible": event.Printable, "plural": plural}).ParseFS(pageFiles, "page/page.html"))

// pagePolicy lets the page load its own files and nothing else, and be in no frame.
const pagePolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// A page is what the template shows. Its texts are escaped there.
type page struct {
	Title          string
	Now            time.Time
	Status         statusView
	Overrides      []overrideRow
	State, Filter  string
	Shown          string
	Records        []recordRow
	Previous, Next string
	Events         []eventRow
}

type overrideRow struct{ Target, Action, Reason, Actor, Ends string }

type recordRow struct {
	ID, Name, StateText, Answer, Reason, Where string
	State                                      pool.State
	Notes                                      []string
	Strip                                      template.HTML
	Endpoints                                  []endpointRow
}

type endpointRow struct {
	Pool, Name, State, Extra, Since, Reason string
	Active                                  bool
}

type eventRow struct {
	Time                    time.Time
	Kind, What, Change, Why string
}

// showPage answers with the page.
func showPage(c *call) *Problem {
	get := c.r.URL.Query()
	p := page{Now: time.Now().UTC(), Status: c.backend.status(), State: get.Get("state"), Filter: get.Get("q")}
	p.Title = fmt.Sprintf("failover on %s: %d of %d records ok", event.Printable(p.Status.ID), p.Status.Records.OK, p.Status.Records.Total)
	number, _ := strconv.Atoi(get.Get("page")) // 0 is the first as well
	c.addRecords(&p, number)
	for _, o := range c.backend.Overrides.List() {
		p.Overrides = append(p.Overrides, overrideRowOf(&o, p.Now))
	}
	for _, e := range slices.Backward(c.backend.Journal.Entries(event.Query{Limit: eventsOnPage})) {
		p.Events = append(p.Events, eventRowOf(&e))
	}
	var b bytes.Buffer
	if err := pageTemplate.Execute(&b, &p); err != nil {
		return problem(http.StatusInternalServerError, "%v", err)
	}
	h := c.w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", pagePolicy)
	h.Set("Referrer-Policy", "no-referrer")
	c.w.Write(b.Bytes())
	return nil
}

// addRecords adds one page of the records that are wanted, the worst first. A number beyond
// the last page is the last.
func (c *call) addRecords(p *page, number int) {
	filter := strings.ToLower(p.Filter)
	var wanted []Record
	for _, r := range c.backend.Records() {
		if (p.State == "" || string(r.View().State) == p.State) && strings.Contains(r.Place().Record, filter) {
			wanted = append(wanted, r)
		}
	}
	slices.SortStableFunc(wanted, func(a, b Record) int { return badness[b.View().State] - badness[a.View().State] })
	pages := (len(wanted) + recordsOnPage - 1) / recordsOnPage
	number = max(1, min(number, pages))
	first := (number - 1) * recordsOnPage
	last := min(first+recordsOnPage, len(wanted))
	p.Shown = fmt.Sprintf("%d %s, the worst first.", len(wanted), plural(len(wanted), "record", "records"))
	if last-first < len(wanted) {
		p.Shown = fmt.Sprintf("Records %d to %d of %d, the worst first.", first+1, last, len(wanted))
	}
	ids := newOverrideIndex(c.backend.Overrides.List())
	for i, r := range wanted[first:last] {
		p.Records = append(p.Records, c.backend.recordRow(i, c.backend.view(r, ids), p.Now))
	}
	if number > 1 {
		p.Previous = c.pageURL(number - 1)
	}
	if last < len(wanted) {
		p.Next = c.pageURL(number + 1)
	}
}

// badness sorts states.
var badness = map[pool.State]int{pool.OK: 0, pool.FailedOver: 1, pool.Degraded: 2}

func (c *call) pageURL(number int) string {
	q := make(url.Values)
	for name, values := range c.r.URL.Query() {
		q[name] = values
	}
	q.Set("page", strconv.Itoa(number))
	return "/?" + q.Encode()
}

func (b *Backend) recordRow(i int, v RecordView, now time.Time) recordRow {
	row := recordRow{
		ID: fmt.Sprintf("record-%d", i), Name: v.Name, State: v.State, StateText: stateWords[v.State], Reason: v.Reason,
		Answer: fmt.Sprintf("Pool %s answers since %s, TTL %d s.", event.Printable(v.Pool), since(v.Since, now), v.TTL),
		Where:  v.Server, Strip: strip(b.Journal.Changes(pool.Place{Record: v.Name, Server: v.Server, View: v.View}), now),
	}
	if v.Pool == pool.NoneName {
		row.Answer = fmt.Sprintf("No endpoint is healthy since %s.", since(v.Since, now))
	}
	if v.View != "" {
		row.Where += ", view " + v.View
	}
	if v.Held != nil {
		row.Notes = append(row.Notes, "pool "+v.Held.Pool+" is held back "+until(v.Held.Until))
	}
	if len(v.Overrides) > 0 {
		row.Notes = append(row.Notes, fmt.Sprintf("%d %s", len(v.Overrides), plural(len(v.Overrides), "override", "overrides")))
	}
	for _, p := range v.Pools {
		for _, e := range p.Endpoints {
			row.Endpoints = append(row.Endpoints, endpointRowOf(&p, &e, now))
		}
	}
	return row
}

func endpointRowOf(p *PoolView, e *EndpointView, now time.Time) endpointRow {
	row := endpointRow{Pool: p.Name, Active: p.Active, Name: e.Name, State: e.State, Since: since(e.Since, now), Reason: e.Reason}
	if e.Address != "" && e.Address != e.Name && !strings.HasSuffix(e.Name, e.Address) {
		row.Name += " " + e.Address
	}
	switch {
	case e.State == disabled:
	case e.Override != nil && e.Probed != e.State:
		row.Extra = "by an override; the probes say " + e.Probed
	case e.Override != nil:
		row.Extra = "with an override"
	case e.Probed == healthcheck.Unknown.String() && e.State != e.Probed:
		row.Extra = "the probes say unknown"
	}
	return row
}

func overrideRowOf(o *override.Override, now time.Time) overrideRow {
	target := []string{o.Record}
	for _, part := range []string{o.Pool, o.Endpoint} {
		if part != "" {
			target = append(target, part)
		}
	}
	row := overrideRow{Target: strings.Join(target, " / "), Action: string(o.Action), Reason: o.Reason, Actor: o.Actor, Ends: "never"}
	if o.Address != "" {
		row.Target = o.Address
	}
	for _, where := range []string{o.Server, o.View} {
		if where != "" {
			row.Target += " (" + where + ")"
		}
	}
	if o.Expires != nil {
		row.Ends = fmt.Sprintf("in %s, at %s UTC", short(o.Expires.Sub(now)), o.Expires.UTC().Format("01-02 15:04"))
	}
	return row
}

func eventRowOf(e *event.Entry) eventRow {
	what := make([]string, 0, 3)
	for _, part := range []string{strings.TrimSuffix(e.Record, "."), e.Pool, e.Endpoint} {
		if part != "" {
			what = append(what, part)
		}
	}
	row := eventRow{Time: e.Time, Kind: e.Kind, What: strings.Join(what, " / "), Why: e.Reason}
	switch {
	case e.From != "" && e.To != "":
		row.Change = e.From + " → " + e.To
	case e.To != "":
		row.Change = e.To
	case e.From != "":
		row.Change = e.From + " ends"
	}
	if e.Actor != "" {
		row.Why += " (" + e.Actor + ")"
	}
	return row
}

func since(at, now time.Time) string {
	if at.IsZero() {
		return "the start"
	}
	return short(now.Sub(at)) + " ago"
}

func until(at *time.Time) string {
	if at == nil {
		return "until it is up and released"
	}
	return "until " + at.UTC().Format("15:04:05") + " UTC"
}

// pageFile answers with a file that the page loads.
func pageFile(name, contentType string) func(*call) *Problem {
	return func(c *call) *Problem {
		text, err := pageFiles.ReadFile("page/" + name)
		if err != nil {
			return problem(http.StatusNotFound, "%v", err)
		}
		c.w.Header().Set("Content-Type", contentType)
		c.w.Header().Set("Content-Security-Policy", pagePolicy)
		c.w.Write(text)
		return nil
	}
}
