package main

import (
	"strings"
	"testing"
	"time"

	"github.com/coredns-failover/failover/plugin/admin"
	"github.com/coredns-failover/failover/plugin/override"
	"github.com/coredns-failover/failover/plugin/pool"
)

func TestNextPool(t *testing.T) {
	for name, c := range map[string]struct{ pools, held, want string }{
		"the next one":                     {"a* b c", "", "b"},
		"one that is down is left out":     {"a* -b c", "", "c"},
		"those above come after":           {"a b* -c", "", "a"},
		"those below come first":           {"a b* c", "", "c"},
		"one that is held back comes last": {"a b* -c d", "a", "d"},
		"and answers if it must":           {"a b*", "a", "a"},
		"there is none":                    {"a* -b", "", ""},
		"it is alone":                      {"a*", "", ""},
		"all are down":                     {"-a -b", "", ""},
	} {
		r := admin.RecordView{}
		for i, name := range strings.Fields(c.pools) {
			p := admin.PoolView{Name: strings.Trim(name, "-*"), Rank: i + 1, State: "up", Active: strings.HasSuffix(name, "*")}
			if name[0] == '-' {
				p.State = "down"
			}
			r.Pools = append([]admin.PoolView{p}, r.Pools...) // whatever the order in the answer
		}
		if c.held != "" {
			r.Held = &admin.Held{Pool: c.held}
		}
		if got := nextOf(&r); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

const drilledRecord = "GET /v1/records/app.example.org"

// newDrill returns an API at which a drill works.
func newDrill(t *testing.T, length time.Duration) *fakeAPI {
	t.Helper()
	r := newRecord("app.example.org.")
	before := list(t, r)
	created := time.Now()
	end := created.Add(length)
	r.State, r.Pool, r.Overrides, r.Since = pool.FailedOver, "secondary", []string{"abc"}, created.Add(1500*time.Microsecond)
	r.Pools[0].Active, r.Pools[1].Active = false, true
	r.Pools[0].Endpoints[0].Served, r.Pools[0].Endpoints[1].Served, r.Pools[1].Endpoints[0].Served = false, false, true
	f := newAPI(t, map[string]string{
		drilledRecord: before, "GET /v1/records": before, "GET /v1/overrides": none, "DELETE /v1/overrides/abc": "204 ",
		"POST /v1/overrides": toJSON(t, override.Answer{Effects: effects, Overrides: []override.Override{{
			ID: "abc", Target: override.Target{Record: "app.example.org.", Pool: "secondary"}, Action: pool.Use, Created: created, Expires: &end,
		}}}),
	})
	f.then = map[string]string{"POST /v1/overrides": list(t, r), "DELETE /v1/overrides/abc": before}
	return f
}

const (
	saidBefore = "before     dns://:53: ok, pool primary: 192.0.2.10 2001:db8::1\n"
	saidDuring = "in effect  dns://:53: failed_over, pool secondary: 198.51.100.10, since "
	saidAfter  = "now        dns://:53: ok, pool primary: 192.0.2.10 192.0.2.11, since "
)

// An interrupt ends a drill and puts all back.
func TestDrillInterrupted(t *testing.T) {
	f := newDrill(t, time.Hour)
	out, errOut, stop := start(t, "drill", "app.example.org")
	eventually(t, "it is in effect", func() bool { return strings.Contains(out.String(), "in effect") })
	if status := stop(); status != 0 {
		t.Errorf("exit status %d: %s", status, errOut)
	}
	wantSaid(t, out, "pool secondary answers until ", "by override abc. Ctrl-C ends it.\n", saidBefore, saidDuring, "1.5ms after the call\n",
		"The drill of app.example.org. is over after ", "interrupted, all is put back.\n", saidAfter)
	if got := f.requests(); !strings.Contains(got, `"pool":"secondary","action":"pool","reason":"drill","author":`) || !strings.Contains(got, `"for":"5m0s"`) ||
		!strings.Contains(got, "DELETE /v1/overrides/abc") {
		t.Error(got)
	}
	wantFits(t, out.String())
}

// A drill is over when its override is, whoever ended it. Nothing is left to put back.
func TestDrillEnds(t *testing.T) {
	for length, want := range map[time.Duration]string{time.Hour: "the override was removed or replaced", time.Second: "its time is up"} {
		f := newDrill(t, length)
		out, errOut, stop := start(t, "drill", "app.example.org", "--for", "1", "--reason", "R", "-o", "json")
		eventually(t, "it is in effect", func() bool { return strings.Contains(errOut.String(), "in effect") })
		f.set(drilledRecord, f.then["DELETE /v1/overrides/abc"])
		eventually(t, "it is over", func() bool { return strings.Contains(errOut.String(), "now   ") })
		if status := stop(); status != 0 {
			t.Errorf("exit status %d", status)
		}
		wantSaid(t, errOut, saidBefore, saidDuring, want, saidAfter)
		if got := f.requests(); strings.Contains(got, "DELETE") || !strings.Contains(got, `"reason":"R"`) || !strings.Contains(got, `"for":"1s"`) {
			t.Error(got)
		}
		if want := f.answers["POST /v1/overrides"] + "\n"; out.String() != want {
			t.Errorf("got %s, want %s", out, want)
		}
	}
}

// Who cannot put back says what is still set.
func TestDrillLost(t *testing.T) {
	f := newDrill(t, time.Hour)
	out, errOut, stop := start(t, "drill", "app.example.org")
	eventually(t, "it is in effect", func() bool { return strings.Contains(out.String(), "in effect") })
	f.server.CloseClientConnections()
	f.server.Listener.Close()
	eventually(t, "that the API is away", func() bool { return strings.Contains(flat(errOut), "; the drill ends by itself, until ") })
	if status := stop(); status != 2 || !strings.Contains(flat(errOut), "if the override abc is still set, it holds until ") {
		t.Errorf("exit status %d: %s", status, errOut)
	}
}

func TestDrillRefused(t *testing.T) {
	f := newDrill(t, time.Hour)
	wantRun(t, "drill ap.example.org", 2, "", "failoverctl: there is no such thing; did you mean app.example.org?\n")
	wantRun(t, "drill app.example.org --view v", 2, "", "failoverctl: app.example.org is not in that server block or view\n")
	r := newRecord("app.example.org.")
	other := newRecord("app.example.org.")
	r.Overrides = []string{"x"}
	f.set(drilledRecord, list(t, r))
	f.set("GET /v1/overrides", toJSON(t, admin.OverrideList{Overrides: []override.Override{{ID: "x", Action: pool.Freeze, Reason: "R"}}}))
	wantRun(t, "drill app.example.org", 1, "", "failoverctl: app.example.org. has the override x (freeze, R) already: \"failoverctl remove x\" ends it\n")
	r.Pools[1].State, other.View = "down", "v"
	f.set(drilledRecord, list(t, r))
	wantRun(t, "drill app.example.org", 1, "", "failoverctl: app.example.org. at dns://:53 is not drilled: no other pool is healthy (pool primary answers)\n")
	r.Pools[1].State, other.Pools[1].Name = "up", "third"
	f.set(drilledRecord, list(t, r, other))
	wantRun(t, "drill app.example.org", 1, "", "failoverctl: app.example.org. would fail over to third at dns://:53 view v, and to secondary elsewhere: choose with --server and --view\n")
	if strings.Contains(f.requests(), "POST") {
		t.Error(f.requests())
	}
	f.set("POST /v1/overrides", `409 {"detail":"nothing healthy would be left to answer"}`)
	wantRun(t, "drill app.example.org --view v", 1, "", "failoverctl: nothing healthy would be left to answer\n")
	if !strings.Contains(f.requests(), `{"record":"app.example.org.","pool":"third","view":"v","action":"pool"`) {
		t.Error(f.requests())
	}
}

// flat returns what was printed with wrapped lines as one.
func flat(out *buffer) string { return strings.ReplaceAll(out.String(), "\n  ", " ") }

// wantSaid checks that texts were printed, in this order.
func wantSaid(t *testing.T, out *buffer, texts ...string) {
	t.Helper()
	rest := flat(out)
	for _, text := range texts {
		if !strings.Contains(rest, text) {
			t.Errorf("%q is not in\n%s", text, out)
		}
		_, rest, _ = strings.Cut(rest, text)
	}
}
