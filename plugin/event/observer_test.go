package event

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	clog "github.com/coredns/coredns/plugin/pkg/log"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/plugin/pool"
)

// A series records its calls.
type series struct {
	events    []string
	responses int
	closed    bool
}

func (s *series) Respond(int, int) { s.responses++ }
func (s *series) Close()           { s.closed = true }
func (s *series) Tell(e Event) {
	if e.Record != "app.example.org." || e.Server != "dns://:53" || e.View != "v" || e.Time.IsZero() {
		s.events = append(s.events, fmt.Sprintf("of %q %q %q at %s", e.Record, e.Server, e.View, e.Time))
	}
	s.events = append(s.events, fmt.Sprintf("%d %s %s %s>%s %s", e.Kind, e.Pool, e.Endpoint, e.From, e.To, e.State))
}

// observed returns the Observer of a record that has started, and its series.
func observed(poolBefore string, stateBefore pool.State) (*Observer, *series) {
	s := new(series)
	rec := &pool.Record{Name: "app.example.org.", Pools: []pool.Pool{{Name: "primary"}, {Name: "secondary"}}}
	o := NewObserver(rec, func([]string, string) Series { return s }, Log)
	o.Responded(0, 0)
	o.Started([]string{"dns://:53", "tls://:853"}, "v", poolBefore, stateBefore)
	return o, s
}

// logged returns the lines that f logs, without their time.
func logged(f func()) (lines []string) {
	var out strings.Builder
	clog.SetOutput(&out)
	defer clog.Discard()
	f()
	for line := range strings.Lines(out.String()) {
		lines = append(lines, strings.TrimSpace(line[strings.Index(line, "plugin/failover"):]))
	}
	return lines
}

func view(p int, s pool.State, why string) *pool.View { return &pool.View{Pool: p, State: s, Why: why} }

func TestObserver(t *testing.T) {
	ok, over := view(0, pool.OK, ""), view(1, pool.FailedOver, "")
	degraded, none := view(0, pool.Degraded, "serving primary"), view(pool.None, pool.Degraded, "serving nodata")
	for _, tc := range []struct {
		name        string
		before      before
		from, to    *pool.View
		events, log string
	}{
		{"start", before{}, nil, ok, "PoolChanged >primary ok; StateChanged >ok ok", ""},
		{"start degraded", before{}, nil, degraded, "PoolChanged >primary degraded; StateChanged >degraded degraded", "app.example.org. is degraded: serving primary"},
		{"reload", before{"primary", pool.OK}, nil, ok, "PoolChanged primary>primary ok", ""},
		{"reload while degraded", before{"primary", pool.Degraded}, nil, degraded, "PoolChanged primary>primary degraded", ""},
		{"reload while degraded, to another", before{"primary", pool.Degraded}, nil, none,
			"PoolChanged primary>none degraded; StateChanged degraded>degraded degraded",
			"app.example.org.: primary -> none: the Corefile was reloaded; app.example.org. is degraded: serving nodata"},
		{"reload to degraded", before{"primary", pool.OK}, nil, degraded, "PoolChanged primary>primary degraded; StateChanged ok>degraded degraded",
			"app.example.org. is degraded: serving primary"},
		{"reload ends it", before{"primary", pool.Degraded}, nil, ok, "PoolChanged primary>primary ok; StateChanged degraded>ok ok",
			"app.example.org. is no longer degraded"},
		{"reload to another", before{"primary", pool.OK}, nil, over, "PoolChanged primary>secondary failed_over; StateChanged ok>failed_over failed_over",
			"app.example.org.: primary -> secondary: the Corefile was reloaded"},
		{"nothing", before{}, ok, ok, "", ""},
		{"over", before{}, ok, over, "PoolChanged primary>secondary failed_over; StateChanged ok>failed_over failed_over", "app.example.org.: primary -> secondary: why"},
		{"degraded", before{}, ok, degraded, "StateChanged ok>degraded degraded", "app.example.org. is degraded: serving primary"},
		{"degraded to none", before{}, degraded, none, "PoolChanged primary>none degraded; StateChanged degraded>degraded degraded",
			"app.example.org.: primary -> none: why; app.example.org. is degraded: serving nodata"},
		{"back", before{}, none, ok, "PoolChanged none>primary ok; StateChanged degraded>ok ok", "app.example.org.: none -> primary: why; app.example.org. is no longer degraded"},
	} {
		o, s := observed(tc.before.pool, tc.before.state)
		lines := logged(func() { o.ViewChanged(tc.from, tc.to, "why") })
		var events []string
		for _, e := range s.events {
			f := strings.Fields(e)
			kind := map[string]string{fmt.Sprint(PoolChanged): "PoolChanged", fmt.Sprint(StateChanged): "StateChanged"}[f[0]]
			events = append(events, strings.Join(append([]string{kind}, f[len(f)-2:]...), " "))
		}
		if got := strings.Join(events, "; "); got != tc.events {
			t.Errorf("%s: told %s, want %s", tc.name, got, tc.events)
		}
		for i := range lines {
			lines[i] = strings.TrimPrefix(lines[i], "plugin/failover: ")
		}
		if got := strings.Join(lines, "; "); got != tc.log {
			t.Errorf("%s: logged %s, want %s", tc.name, got, tc.log)
		}
	}
}

func TestObserverOfEndpoints(t *testing.T) {
	o, s := observed("", "")
	o.EndpointChanged(1, "one", healthcheck.Down)
	o.EndpointGone(1, "one")
	o.Responded(0, 0)
	o.Stopped()
	want := []string{
		fmt.Sprintf("%d secondary one >down ", EndpointChanged),
		fmt.Sprintf("%d secondary one > ", EndpointGone),
	}
	if !slices.Equal(s.events, want) || s.responses != 1 || !s.closed {
		t.Errorf("told %q, %d responses, closed: %t", s.events, s.responses, s.closed)
	}
}

// Events without a record are logged; that probes wait, only once.
func TestLog(t *testing.T) {
	delayed.Store(false)
	h, looked := Hooks(ignore, Log), Lookup(Log)
	lines := logged(func() {
		h.Frozen(true)
		h.Frozen(false)
		h.Delayed(7)
		h.Delayed(8)
		looked("a.example.org", errors.New("the answer is SERVFAIL"))
		looked("a.example.org", nil)
		looked("a.example.org", traced{})
		h.Inconclusive(healthcheck.Key{Spec: healthcheck.Spec{Check: hasty{}}}, "no route to host")
	})
	want := []string{
		"No witness answers",
		"Not cut off any more",
		"Probes wait for their turn: 7 open files",
		"a.example.org cannot be looked up, what is known of it stays: the answer is SERVFAIL",
		"a.example.org can be looked up again",
		"looking up a.example.org: a plugin panicked",
		"cannot be asked, and maybe others: no route to host",
	}
	for i, line := range lines {
		if i >= len(want) || !strings.Contains(line, want[i]) {
			t.Errorf("logged %q", line)
		}
	}
	if len(lines) != len(want) {
		t.Errorf("%d lines, want %d", len(lines), len(want))
	}
}

// A traced error is like that of a lookup that panicked.
type traced struct{}

func (traced) Error() string { return "a plugin panicked" }
func (traced) Trace() []byte { return []byte{} }
