package admin

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/healthcheck/timer"
	"github.com/coredns-failover/failover/plugin/event"
	"github.com/coredns-failover/failover/plugin/override"
	"github.com/coredns-failover/failover/plugin/pool"
)

// A served record is one that serves as if everything were healthy.
type served struct {
	*pool.Tracker
	at pool.Place
}

func (s *served) Place() pool.Place    { return s.at }
func (s *served) Config() *pool.Record { return s.Record() }

type noObserver struct{}

func (noObserver) EndpointChanged(int, string, healthcheck.State, healthcheck.State, string) {}
func (noObserver) EndpointGone(int, string)                                                  {}
func (noObserver) ViewChanged(_, _ *pool.View, _ string)                                     {}

// recordOf returns a record with a pool of one endpoint that is called label.
func recordOf(name, label string) *served {
	p := pool.Pool{Name: "primary", MinHealthy: pool.Quorum{Count: 1}, Policy: pool.Policy{Kind: pool.All}}
	p.Endpoints = []pool.Endpoint{{Addr: netip.MustParseAddr("192.0.2.1"), Name: label, Weight: 1}}
	rec := &pool.Record{Name: name, TTL: 5, MinTTL: 5, Steer: pool.Steer{Kind: pool.SteerOrder}, Pools: []pool.Pool{p}}
	return &served{pool.NewTracker(rec, noObserver{}), pool.Place{Record: name, Server: "dns://:53"}}
}

// backendOf returns a Backend with these records.
func backendOf(records ...Record) *Backend {
	return &Backend{
		Version: "v1", ID: "ns1", Started: time.Now(),
		Ready:     func() bool { return true },
		Frozen:    func() bool { return false },
		Records:   func() []Record { return slices.Clone(records) },
		Witnesses: func() []Witness { return nil },
		Overrides: override.NewSet(new(timer.Clock), func(override.What, override.Override) {}),
		Journal:   event.NewJournal(),
	}
}

// get returns what the page is at a path.
func get(t *testing.T, b *Backend, path string) string {
	t.Helper()
	a, err := newAccess(Config{Addr: "127.0.0.1:8053"})
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Host = "127.0.0.1:8053"
	l := new(listener)
	l.current.Store(a)
	NewService(b).handler(l).ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		t.Fatalf("%s: %d %s", path, w.Code, w.Body)
	}
	return w.Body.String()
}

// Nothing that a target, a client or an operator wrote becomes markup, or misleads.
func TestPageEscapes(t *testing.T) {
	const evil = "<script>alert(1)</script>\x1b[2J\u202e\"'&"
	b := backendOf(recordOf("app.example.org.", evil))
	b.Witnesses = func() []Witness {
		return []Witness{{Target: evil, Status: healthcheck.Status{Last: healthcheck.LastProbe{Reason: evil}}}}
	}
	b.Journal.Tell(event.Event{
		Kind: event.PoolChanged, Time: time.Now(), Record: "app.example.org.", Server: "dns://:53", From: evil, To: evil + "2", Reason: evil, Actor: evil,
		State: pool.FailedOver,
	})
	b.Overrides.Restore([]override.Override{{
		ID: "1", Target: override.Target{Record: "app.example.org.", Pool: evil}, Action: pool.Drain, Reason: evil, Actor: evil,
	}})
	html := get(t, b, "/?page=2&q="+url.QueryEscape(evil)+"&state="+url.QueryEscape(evil)) + get(t, b, "/")
	if strings.Contains(html, "<script>") || strings.Contains(html, "alert(1)</") {
		t.Error("there is a script of somebody else in the page")
	}
	if strings.ContainsAny(html, "\x1b\u202e") {
		t.Error("the page has control or bidirectional characters")
	}
	if n := strings.Count(html, "alert(1)"); n < 10 {
		t.Errorf("the texts are in the page %d times, want all of them", n)
	}
	if err := wellFormed(html); err != nil {
		t.Errorf("%v in\n%s", err, html)
	}
}

// wellFormed returns an error if the elements of a page are not nested.
func wellFormed(html string) error {
	d := xml.NewDecoder(strings.NewReader(strings.ReplaceAll(html, "<!doctype html>", "")))
	d.Strict = false
	d.AutoClose = []string{"meta", "link", "input"}
	d.Entity = xml.HTMLEntity
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// Many records are shown page by page, and can be filtered.
func TestPagesOfRecords(t *testing.T) {
	var records []Record
	for i := range 2*recordsOnPage + 1 {
		records = append(records, recordOf(fmt.Sprintf("r%03d.example.org.", i), "192.0.2.1"))
	}
	b := backendOf(records...)
	for _, tc := range []struct {
		path, first, last string
		has, lacks        string
	}{
		{"/", "r000", "r049", "page=2", "Previous page"},
		{"/?page=2", "r050", "r099", "page=3", "r100"},
		{"/?page=3", "r100", "r100", "page=2", "Next page"},
		{"/?page=-1", "r000", "r049", "page=2", "Previous page"},
		{"/?page=4", "r100", "r100", "Records 101 to 101 of 101", "Next page"},
		{"/?page=9223372036854775807", "r100", "r100", "page=2", "Next page"},
		{"/?page=9&q=R10", "r100", "r100", "1 record,", "Previous page"},
		{"/?q=R10", "r100", "r100", "1 record,", "r011"},
		{"/?q=r001&state=ok", "r001", "r001", "1 record,", "r002"},
		{"/?state=degraded", "0 records", "0 records", "0 records", "r000"},
	} {
		html := get(t, b, tc.path)
		for _, want := range []string{tc.first, tc.last, tc.has} {
			if !strings.Contains(html, want) {
				t.Errorf("%s: %q is not there", tc.path, want)
			}
		}
		if strings.Contains(html, tc.lacks) {
			t.Errorf("%s: %q is there", tc.path, tc.lacks)
		}
	}
}

// The strip has a bar for each span, and says the same in words.
func TestStrip(t *testing.T) {
	now := time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)
	at := func(ago time.Duration, s pool.State, p string) event.Change {
		return event.Change{Time: now.Add(-ago), State: s, Pool: p}
	}
	for _, tc := range []struct {
		name    string
		changes []event.Change
		want    []string
		bars    int
	}{
		{"nothing", nil, []string{"nothing is known"}, 0},
		{"always ok", []event.Change{at(72*time.Hour, pool.OK, "primary")}, []string{"ok for 24h0m.", `x="0.00" y="16" width="1440.00" height="8"`}, 1},
		{"a failover and back", []event.Change{
			at(30*time.Hour, pool.OK, "primary"), at(2*time.Hour, pool.FailedOver, "secondary"), at(time.Hour, pool.OK, "primary"),
		}, []string{"ok for 23h0m, failed over for 1h0m in 1 span.", "10:00 to 11:00 UTC: failed over, pool secondary", `x="1320.00" y="8" width="60.00" height="16"`}, 3},
		{"degraded twice", []event.Change{
			at(time.Hour, pool.Degraded, "none"), at(30*time.Minute, pool.OK, "primary"), at(time.Second, pool.Degraded, "none"),
		}, []string{"degraded for 30m1s in 2 spans.", `width="1.00" height="24"`}, 3},
		{"a name of somebody else", []event.Change{at(time.Hour, pool.OK, `"><script>`)}, []string{"pool &#34;&gt;&lt;script&gt;"}, 1},
	} {
		svg := string(strip(tc.changes, now))
		if n := strings.Count(svg, "<rect"); n != tc.bars {
			t.Errorf("%s: %d bars, want %d", tc.name, n, tc.bars)
		}
		for _, want := range tc.want {
			if !strings.Contains(svg, want) {
				t.Errorf("%s: %q is not in\n%s", tc.name, want, svg)
			}
		}
	}
}
