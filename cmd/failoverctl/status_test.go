package main

import (
	"strings"
	"testing"
	"time"

	"github.com/coredns-failover/failover/plugin/admin"
	"github.com/coredns-failover/failover/plugin/override"
	"github.com/coredns-failover/failover/plugin/pool"
)

const none = `{"overrides":[]}`

// Those that are not well come first, with the reason.
func TestStatus(t *testing.T) {
	well, over, dead := newRecord("app.example.org."), newRecord("www.example.org."), newRecord("*.apps.example.org.")
	over.State, over.Pool, over.Reason, over.Overrides = pool.FailedOver, "secondary", "192.0.2.10 of pool primary is down: 5 failures in 3.1s: connect: connection refused", []string{"x"}
	over.Pools[0].Active, over.Pools[1].Active = false, true
	over.Held = &admin.Held{Pool: "primary", Policy: "manual"}
	dead.State, dead.Pool, dead.Reason = pool.Degraded, "none", "all is down"
	dead.Pools[0].Active = false
	newAPI(t, map[string]string{"GET /v1/records": list(t, well, over, dead)})
	const table = `
3 records: 1 ok, 1 failed over, 1 degraded
RECORD               STATE        POOL       HEALTHY  SINCE  OVERRIDES
*.apps.example.org.  degraded     none       -        3h05m  -
    all is down
www.example.org.     failed_over  secondary  1/1      3h05m  1
    192.0.2.10 of pool primary is down: 5 failures in 3.1s: connect: connection
      refused
    pool primary is held back (failback manual); "failoverctl release" ends that
app.example.org.     ok           primary    2/2      3h05m  -
"failoverctl status NAME" shows its pools and endpoints.
`
	wantRun(t, "status", 0, table, "")
	wantRun(t, "status --exit-code", 1, table, "failoverctl: degraded: *.apps.example.org.\n")
}

func TestStatusOfNone(t *testing.T) {
	newAPI(t, map[string]string{"GET /v1/records": list(t)})
	wantRun(t, "status --exit-code", 0, "0 records: 0 ok, 0 failed over, 0 degraded\n", "")
}

// The same name in several places. Other names need none.
func TestStatusOfPlaces(t *testing.T) {
	one, two := newRecord("app.example.org."), newRecord("app.example.org.")
	two.View = "internal"
	newAPI(t, map[string]string{"GET /v1/records": list(t, one, two, newRecord("www.example.org."))})
	wantRun(t, "status", 0, `
3 records: 3 ok, 0 failed over, 0 degraded
RECORD                                 STATE  POOL     HEALTHY  SINCE  OVERRIDES
app.example.org. at dns://:53          ok     primary  2/2      3h05m  -
app.example.org. at dns://:53 view     ok     primary  2/2      3h05m  -
 internal
www.example.org.                       ok     primary  2/2      3h05m  -
`, "")
}

// Long names lose nothing but the middle of those of pools, and do not break the table.
func TestStatusWithLongNames(t *testing.T) {
	label := strings.Repeat("x", 62) + "."
	r := newRecord(label + label + label + "example.org.")
	r.State, r.Reason = pool.FailedOver, strings.Repeat("why-", 60)
	r.Pool = strings.Repeat("pool-", 12)
	r.Pools[0].Name, r.Pools[0].Endpoints[0].Name = r.Pool, r.Name
	r.Pools[1].Endpoints[0].Address, r.Pools[1].Endpoints[0].Target = "2001:db8:1111:2222:3333:4444:5555:6666", r.Name
	newAPI(t, map[string]string{"GET /v1/records": list(t, r), "GET /v1/records/x": list(t, r), "GET /v1/overrides": none})
	for _, args := range [][]string{{"status"}, {"status", "x"}} {
		status, out, errOut := ctl(t.Context(), args...)
		if status != 0 {
			t.Error(errOut)
		}
		wantFits(t, out)
		if joined := strings.NewReplacer("\n", "", " ", "").Replace(out); len(args) > 1 && !strings.Contains(joined, r.Name) {
			t.Errorf("the name is not in\n%s", out)
		}
	}
}

func TestStatusInFull(t *testing.T) {
	r, id := newRecord("app.example.org."), "abcdefghij"
	r.Overrides = []string{id}
	e := &r.Pools[0].Endpoints[1]
	e.State, e.Probed, e.Override, e.Reason = "down", "up", &id, "new disk"
	e = &r.Pools[1].Endpoints[0]
	e.State, e.Probed, e.Reason = "down", "down", "5 failures"
	e.Checks = []admin.CheckView{{Check: "tcp :5432", State: "down", Streak: 1, Needed: 2, Last: &admin.LastView{Result: "pass"}}}
	newAPI(t, map[string]string{
		"GET /v1/records/%2A.example.org": list(t, r),
		"GET /v1/overrides": toJSON(t, admin.OverrideList{Overrides: []override.Override{
			{ID: id, Target: override.Target{Address: "192.0.2.11"}, Action: pool.ForceDown, Reason: "new disk", Actor: "loopback jo"},
			{ID: "other", Target: override.Target{Address: "192.0.2.99"}, Action: pool.ForceDown},
		}}),
	})
	now := time.Now()
	wantRun(t, "status *.example.org", 0, `
app.example.org.
  ok since `+clock(r.Since, now)+` (3h05m ago): start
  pool primary answers at dns://:53; clients get 192.0.2.10 192.0.2.11, TTL 30
  override abcdefghij: down 192.0.2.11 for ever: new disk (loopback jo)
POOL, ENDPOINT   STATE  HEALTHY        ANSWERS  SINCE
primary          up     2/2, 1 needed  yes
  192.0.2.10     up                    yes      3h05m
  b 192.0.2.11   down                  yes      3h05m
    new disk (override abcdefghij; its probes say up)
secondary        up     1/1, 1 needed  -
  198.51.100.10  down                  -        3h05m
    5 failures
    check tcp :5432: down, last probe pass (1 of 2 in a row that change its
      state)
`, "")
}

// What a target says cannot steer a terminal.
func TestStatusEscapes(t *testing.T) {
	r := newRecord("app.example.org.")
	r.State, r.Reason, r.Pools[0].Endpoints[0].Name = pool.FailedOver, "\x1b[2J\u202egood\n", "a\x07b"
	answer := list(t, r)
	newAPI(t, map[string]string{"GET /v1/records": answer, "GET /v1/records/x": answer, "GET /v1/overrides": none})
	for _, args := range [][]string{{"status"}, {"status", "x"}} {
		_, out, _ := ctl(t.Context(), args...)
		if strings.ContainsAny(out, "\x1b\u202e\x07") {
			t.Errorf("%q", out)
		}
	}
}

// -o json prints the answer as it is, bytes and all.
func TestJSON(t *testing.T) {
	const valid, problem = "{\"records\": [ {\"name\":\"a.\",\"state\":\"degraded\",\"new\":\"\u202e\", \"x\":\"<\"}\n]}", `{"title":"Not Found","status":404,"detail":"no","more":1}`
	newAPI(t, map[string]string{
		"GET /v1/records": valid, "GET /v1/records/longer": "404 " + problem, "GET /v1/overrides": none,
		"GET /v1/events": `{"events":[]}`, "GET /v1/explain?name=a": `{"name":"a."}`, "POST /v1/overrides": none, "POST /v1/records/a/release": valid,
		"POST /v1/heartbeats/a": "204 ", "DELETE /v1/overrides/a": "204 ",
	})
	wantRun(t, "status -o json", 0, valid+"\n", "")
	wantRun(t, "status -o json --exit-code", 1, valid+"\n", "failoverctl: degraded: a.\n")
	wantRun(t, "status -o json longer", 2, problem+"\n", "failoverctl: no; \"failoverctl status\" lists those that there are\n")
	wantRun(t, "overrides -o json", 0, none+"\n", "")
	wantRun(t, "events -o json", 0, `{"events":[]}`+"\n", "")
	wantRun(t, "explain a -o json", 0, `{"name":"a."}`+"\n", "")
	wantRun(t, "freeze a --reason x -o json", 0, none+"\n", "")
	wantRun(t, "release a -o json", 0, valid+"\n", "")
	wantRun(t, "beat a -o json", 0, "", "")
	wantRun(t, "remove a -o json", 0, "", "")
}
