package main

import (
	"encoding/json"
	"net/netip"
	"os/user"
	"strings"
	"testing"
	"time"

	"github.com/coredns-failover/failover/plugin/admin"
	"github.com/coredns-failover/failover/plugin/override"
	"github.com/coredns-failover/failover/plugin/pool"
)

// effects are what a change brings about here.
var effects = []override.Effect{{
	Record: "app.example.org.", Server: "dns://:53",
	Before: override.Outcome{State: pool.OK, Pool: "primary", A: []netip.Addr{netip.MustParseAddr("192.0.2.10")}, AAAA: []netip.Addr{netip.MustParseAddr("2001:db8::1")}},
	After:  override.Outcome{State: pool.FailedOver, Pool: "secondary"},
}}

const effectsText = `app.example.org. at dns://:53
  before  ok, pool primary: 192.0.2.10 2001:db8::1
  after   failed_over, pool secondary: no address
`

// Each command posts one request with all targets, in the name of the user.
func TestChange(t *testing.T) {
	u, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	author, _ := json.Marshal(u.Username)
	answer := override.Answer{Effects: effects, Overrides: []override.Override{
		{ID: "abc", Target: override.Target{Address: "192.0.2.10"}, Action: pool.Drain},
	}}
	for args, want := range map[string]string{
		"drain app.example.org/primary/B 192.0.2.10 --reason R": `{"changes":[` +
			`{"record":"app.example.org.","pool":"primary","endpoint":"B","action":"drain","reason":"R","author":AUTHOR,"for":"","forever":false},` +
			`{"address":"192.0.2.10","action":"drain","reason":"R","author":AUTHOR,"for":"","forever":false}],"dry_run":false,"force":false}`,
		"up a/p --reason R --for 90m --force":        `{"changes":[{"record":"a.","pool":"p","action":"up","reason":"R","author":AUTHOR,"for":"1h30m0s","forever":false}],"dry_run":false,"force":true}`,
		"down a/p --reason R --for 90":               `{"changes":[{"record":"a.","pool":"p","action":"down","reason":"R","author":AUTHOR,"for":"1m30s","forever":false}],"dry_run":false,"force":false}`,
		"use a/p --reason R --view v":                `{"changes":[{"record":"a.","pool":"p","view":"v","action":"pool","reason":"R","author":AUTHOR,"for":"","forever":false}],"dry_run":false,"force":false}`,
		"freeze *.a --reason R --forever --server s": `{"changes":[{"record":"*.a.","server":"s","action":"freeze","reason":"R","author":AUTHOR,"for":"","forever":true}],"dry_run":false,"force":false}`,
	} {
		f := newAPI(t, map[string]string{"POST /v1/overrides": toJSON(t, answer)})
		wantRun(t, args, 0, "abc: drain 192.0.2.10 for ever\n\"failoverctl remove ID\" ends it earlier.\n"+effectsText, "")
		if got, want := f.requests(), "POST /v1/overrides "+strings.ReplaceAll(want, "AUTHOR", string(author)); got != want {
			t.Errorf("%s: got\n%s\nwant\n%s", args, got, want)
		}
	}
}

func TestDryRun(t *testing.T) {
	f := newAPI(t, map[string]string{"POST /v1/overrides": toJSON(t, override.Answer{Effects: effects})})
	wantRun(t, "down 192.0.2.10 --reason R --dry-run", 0, "Dry run: nothing is changed.\n"+effectsText, "")
	if !strings.Contains(f.requests(), `"dry_run":true`) {
		t.Error(f.requests())
	}
}

// An endpoint that is alone does not drain, which surprises people.
func TestChangeWithoutEffects(t *testing.T) {
	newAPI(t, map[string]string{"POST /v1/overrides": `{"overrides":[],"effects":[]}`})
	wantRun(t, "down a/p --reason R", 0, "\"failoverctl remove ID\" ends it earlier.\nNo answer changes.\n", "")
	wantRun(t, "drain a/p/e --reason R", 0, `
"failoverctl remove ID" ends it earlier.
No answer changes.
An endpoint drains only while its pool has another healthy one of its family,
  and a pool while another is healthy; "down" takes it out all the same.
`, "")
}

func TestChangeRefused(t *testing.T) {
	newAPI(t, map[string]string{"POST /v1/overrides": "409 " + toJSON(t, admin.Problem{Title: "Conflict", Status: 409, Detail: "nothing is left", Effects: effects})})
	wantRun(t, "down 192.0.2.10 --reason R", 1, "", effectsText+"failoverctl: nothing is left; --force does it all the same\n")
}

// What there is in place of a target that there is not.
func TestChangeNotFound(t *testing.T) {
	problem := func(field, detail string) string {
		return "404 " + toJSON(t, admin.Problem{Title: "Not Found", Status: 404, Detail: detail, Field: field})
	}
	answers := map[string]string{
		"GET /v1/records": list(t, newRecord("app.example.org.")), "GET /v1/records/app.example.org.": list(t, newRecord("app.example.org.")),
		"POST /v1/overrides": problem("changes[1].record", "there is no record ap.example.org."),
	}
	f := newAPI(t, answers)
	wantRun(t, "freeze app.example.org ap.example.org --reason R", 2, "",
		"failoverctl: changes[1].record: there is no record ap.example.org.; did you mean app.example.org?\n")
	f.set("POST /v1/overrides", problem("changes[0].pool", "no pool"))
	wantRun(t, "down app.example.org/x --reason R", 2, "", "failoverctl: changes[0].pool: no pool; it has the pools primary, secondary\n")
	f.set("POST /v1/overrides", problem("changes[0].endpoint", "no endpoint"))
	wantRun(t, "down app.example.org/primary/x --reason R", 2, "", "failoverctl: changes[0].endpoint: no endpoint; it has 192.0.2.10, b 192.0.2.11\n")
}

// Wrong usage ends with 2, and sends nothing.
func TestUsage(t *testing.T) {
	f := newAPI(t, nil)
	for args, want := range map[string]string{
		"down a/p":                             "expected --reason TEXT",
		"down a/p --reason  ":                  "expected --reason TEXT",
		"down --reason R":                      "requires at least 1 arg",
		"down a --reason R":                    "a: expected RECORD/POOL, RECORD/POOL/ENDPOINT or an address",
		"use a --reason R":                     "a: expected RECORD/POOL\n",
		"use a/p/e --reason R":                 "a/p/e: expected RECORD/POOL\n",
		"use 192.0.2.1 --reason R":             "192.0.2.1: expected RECORD/POOL\n",
		"freeze a/p --reason R":                "a/p: expected RECORD\n",
		"freeze ::1 --reason R":                "::1: expected RECORD\n",
		"up a/p --reason R --for 25h":          "--for 25h: expected a duration such as 90m, at most 24h",
		"up a/p --reason R --for 0":            "--for 0: expected a duration",
		"up a/p --reason R --for soon":         "--for soon: expected a duration",
		"up a/p --reason R --for 1h --forever": "expected --for or --forever, not both",
		"up a/p --bogus":                       "unknown flag: --bogus",
		"stauts":                               "Did you mean this?\n  status",
		"status a b":                           "accepts at most 1 arg(s), received 2",
		"status -o yaml":                       "--output yaml: expected table or json",
		"status --cert x":                      "--cert and --key: expected both or none",
		"status --api :8053x":                  "--api :8053x: expected HOST:PORT, unix:PATH or https://HOST:PORT",
		"explain":                              "accepts between 1 and 2 arg(s), received 0",
		"explain a AAAA x":                     "accepts between 1 and 2 arg(s), received 3",
		"events x":                             `unknown command "x" for "failoverctl events"`,
		"remove":                               "requires at least 1 arg(s)",
		"drill":                                "accepts 1 arg(s), received 0",
		"drill a --for x":                      "--for x: expected a duration",
		"release":                              "accepts 1 arg(s)",
		"beat":                                 "accepts 1 arg(s)",
	} {
		status, out, errOut := ctl(t.Context(), strings.Split(args, " ")...)
		if status != 2 || out != "" || !strings.Contains(errOut, "failoverctl: ") || !strings.Contains(errOut, want) {
			t.Errorf("failoverctl %s: %d %q %q, want %q", args, status, out, errOut, want)
		}
	}
	if asked := f.requests(); asked != "" {
		t.Error(asked)
	}
}

func TestOverrides(t *testing.T) {
	end := time.Now().Add(90*time.Minute + time.Second/2)
	created := time.Now()
	f := newAPI(t, map[string]string{"GET /v1/overrides": none, "DELETE /v1/overrides/a": "204 ", "DELETE /v1/overrides/c": "204 "})
	wantRun(t, "overrides", 0, "There are no overrides.\n", "")
	f.set("GET /v1/overrides", toJSON(t, admin.OverrideList{Overrides: []override.Override{
		{ID: "abcdefghij", Target: override.Target{Record: "app.example.org.", Pool: "p", Endpoint: "e"}, Action: pool.Drain, Reason: "new\u202edisk", Actor: "loopback jo", Created: created, Expires: &end},
		{ID: "b", Target: override.Target{Record: strings.Repeat("long-name.", 8)}, Action: pool.Freeze, Reason: "R", Actor: "write", Created: created, Local: true},
	}}))
	at := clock(created, time.Now())
	wantRun(t, "overrides", 0, `
ID          ACTION  ENDS      TARGET
abcdefghij  drain   in 1h30m  app.example.org./p/e
    new\u202edisk (loopback jo, `+at+`)
b           freeze  never     long-name.long-name.long-name.long-name.long-name.
                               long-name.long-name.long-name.
    R (write, `+at+`); it holds at this server alone
`, "")
	wantRun(t, "remove a b c", 2, "a is removed.\nc is removed.\n", "failoverctl: there is no such thing\n")
}

func TestRelease(t *testing.T) {
	r := newRecord("app.example.org.")
	f := newAPI(t, map[string]string{
		"POST /v1/records/app.example.org/release": list(t, r), "GET /v1/records": list(t, r),
	})
	wantRun(t, "release app.example.org", 0, "app.example.org.: ok, pool primary since "+clock(r.Since, time.Now())+"\n", "")
	f.set("POST /v1/records/app.example.org/release", `409 {"detail":"no pool is held back"}`)
	wantRun(t, "release app.example.org", 1, "", "failoverctl: no pool is held back\n")
	wantRun(t, "release app.example", 2, "", "failoverctl: there is no such thing; did you mean app.example.org?\n")
}

func TestBeat(t *testing.T) {
	f := newAPI(t, map[string]string{"POST /v1/heartbeats/night%2Fly": "204 "})
	wantRun(t, "beat night/ly", 0, "", "")
	wantRun(t, "beat night/ly --fail full", 0, "", "")
	wantRun(t, "beat x", 2, "", "failoverctl: there is no such thing\n")
	if got, want := f.requests(), `POST /v1/heartbeats/night%2Fly {"ok":true,"reason":""}
POST /v1/heartbeats/night%2Fly {"ok":false,"reason":"full"}
POST /v1/heartbeats/x {"ok":true,"reason":""}`; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
