package metrics

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/plugin/event"
	"github.com/coredns-failover/failover/plugin/pool"
)

func record(name string) *pool.Record {
	addr := netip.MustParseAddr("192.0.2.1")
	return &pool.Record{Name: name, Pools: []pool.Pool{
		{Name: "primary", Endpoints: []pool.Endpoint{{Addr: addr, Name: "one"}}},
		{Name: "secondary", Endpoints: []pool.Endpoint{{Addr: addr, Name: "two"}}},
	}}
}

// rows returns the metrics of a record as "NAME LABELS VALUE", without the labels record
// and view. Of labels it has only the values.
func rows(t *testing.T, record string) []string {
	t.Helper()
	families, err := prometheus.DefaultGatherer.Gather()
	if err != nil {
		t.Fatal(err)
	}
	var rows []string
	for _, f := range families {
		for _, m := range f.GetMetric() {
			var labels []string
			ours := false
			for _, l := range m.GetLabel() {
				switch l.GetName() {
				case "record":
					ours = l.GetValue() == record
				case "view":
				default:
					labels = append(labels, l.GetValue())
				}
			}
			if ours {
				name := strings.TrimPrefix(f.GetName(), "coredns_failover_")
				value := m.GetGauge().GetValue() + m.GetCounter().GetValue()
				rows = append(rows, fmt.Sprintf("%s %s %.1g", name, strings.Join(labels, " "), value))
			}
		}
	}
	return rows
}

func want(t *testing.T, when, record string, want ...string) {
	t.Helper()
	if got := rows(t, record); !slices.Equal(got, want) {
		t.Errorf("%s, got:\n%s\nwant:\n%s", when, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func endpoint(pool, name string, s healthcheck.State) event.Event {
	return event.Event{Kind: event.EndpointChanged, Pool: pool, Endpoint: name, To: s.String()}
}

func TestSeries(t *testing.T) {
	s := Open(record("a.example.org."), []string{"dns://:53", "tls://:853"}, "v", 1)
	s.Tell(endpoint("primary", "one", healthcheck.Unknown))
	s.Tell(endpoint("secondary", "two", healthcheck.Up))
	s.Tell(event.Event{Kind: event.PoolChanged, To: "primary", State: pool.OK})
	s.Respond(1, 0)
	responses := []string{
		"responses_total none dns://:53 0", "responses_total none tls://:853 0",
		"responses_total primary dns://:53 0", "responses_total primary tls://:853 1",
		"responses_total secondary dns://:53 0", "responses_total secondary tls://:853 0",
	}
	want(t, "at first", "a.example.org.", slices.Concat([]string{
		"degraded dns://:53 0",
		"endpoint_up two secondary dns://:53 1",
		"pool_active none dns://:53 0", "pool_active primary dns://:53 1", "pool_active secondary dns://:53 0",
	}, responses)...)

	s.Tell(endpoint("primary", "one", healthcheck.Down))
	s.Tell(endpoint("secondary", "two", healthcheck.Unknown))
	s.Tell(event.Event{Kind: event.PoolChanged, From: "primary", To: "none", State: pool.Degraded, Time: time.Now()})
	got := rows(t, "a.example.org.")
	got = slices.DeleteFunc(got, func(row string) bool { return strings.HasPrefix(row, "responses_total") })
	exp := []string{
		"degraded dns://:53 1",
		"endpoint_up one primary dns://:53 0",
		"last_transition_timestamp_seconds dns://:53 2e+09",
		"pool_active none dns://:53 1", "pool_active primary dns://:53 0", "pool_active secondary dns://:53 0",
		"transitions_total primary dns://:53 none 1",
	}
	if !slices.Equal(got, exp) {
		t.Errorf("all down, got:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(exp, "\n"))
	}

	s.Close()
	want(t, "closed", "a.example.org.")
}

// Metrics of a record go on over a reload. Those that it no longer has disappear.
func TestSeriesOutliveAReload(t *testing.T) {
	old := Open(record("b.example.org."), []string{"dns://:53"}, "", 2)
	old.Tell(endpoint("primary", "one", healthcheck.Up))
	old.Tell(endpoint("secondary", "two", healthcheck.Up))
	old.Respond(0, 0)
	old.Tell(event.Event{Kind: event.PoolChanged, From: "primary", To: "none", Time: time.Now()})
	old.Tell(event.Event{Kind: event.PoolChanged, From: "primary", To: "secondary", Time: time.Now()})

	rec := record("b.example.org.")
	rec.Pools = rec.Pools[:1]
	s := Open(rec, []string{"dns://:53"}, "", 3)
	s.Tell(endpoint("primary", "one", healthcheck.Up))
	old.Close()
	old.Close()
	want(t, "after the reload", "b.example.org.",
		"degraded dns://:53 0",
		"endpoint_up one primary dns://:53 1",
		"last_transition_timestamp_seconds dns://:53 2e+09",
		"pool_active none dns://:53 0",
		"pool_active primary dns://:53 1",
		"responses_total none dns://:53 0",
		"responses_total primary dns://:53 1",
		"transitions_total primary dns://:53 none 1",
	)
	s.Close()
	want(t, "closed", "b.example.org.")
}

func TestResponsesOfNone(t *testing.T) {
	s := Open(record("c.example.org."), []string{"dns://:53"}, "", 4)
	defer s.Close()
	s.Respond(0, pool.None)
	if got := rows(t, "c.example.org."); !slices.Contains(got, "responses_total none dns://:53 1") {
		t.Errorf("got %v", got)
	}
}

// What a scrape of a thousand records costs, seven metrics each.
func BenchmarkScrape(b *testing.B) {
	for i := range 1000 {
		s := Open(record(fmt.Sprintf("d%d.example.org.", i)), []string{"dns://:53"}, "", 5)
		defer s.Close()
		s.Tell(endpoint("primary", "one", healthcheck.Up))
		s.Tell(endpoint("secondary", "two", healthcheck.Up))
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := prometheus.DefaultGatherer.Gather(); err != nil {
			b.Fatal(err)
		}
	}
}
