package main

import (
	"strings"
	"testing"

	"github.com/coredns-failover/failover/plugin/admin"
)

func TestExplain(t *testing.T) {
	e := admin.Explanation{
		Name: "a.apps.example.org.", Type: "AAAA", Client: "192.0.2.1", Server: "dns://:53", View: "v", Record: "*.apps.example.org.", Rcode: "NOERROR", TTL: 30,
		Answer: []string{"a.apps.example.org.\t30\tIN\tAAAA\t2001:db8::1"}, Error: "Stale Answer",
		Stages: []admin.Stage{{Stage: "witnesses", Result: "none", Reason: ""}, {Stage: "min_healthy", Result: "primary", Reason: strings.Repeat("why ", 20) + "\x1b[2J"}},
	}
	newAPI(t, map[string]string{
		"GET /v1/explain?client=192.0.2.1&name=a.apps.example.org&server=s&type=AAAA&view=": toJSON(t, e),
		"GET /v1/explain?name=nothing":        `{"name":"a.","type":"A","client":"::1","server":"dns://:53","rcode":"NOERROR","ttl":30,"record":"b."}`,
		"GET /v1/explain?name=ap.example.org": `404 {"detail":"there is no record ap.example.org."}`,
		"GET /v1/records":                     list(t, newRecord("app.example.org.")),
	})
	args := []string{"explain", "a.apps.example.org", "aaaa", "--client", "192.0.2.1", "--server", "s", "--view", ""}
	status, out, errOut := ctl(t.Context(), args...)
	const want = `a.apps.example.org. AAAA asked by 192.0.2.1 at dns://:53 view v:
  NOERROR, TTL 30, by the record *.apps.example.org., Stale Answer
    a.apps.example.org. 30 IN AAAA 2001:db8::1
STAGE        RESULT: REASON
witnesses    none
min_healthy  primary: why why why why why why why why why why why why why why
              why why why why why why \x1b[2J
`
	if status != 0 || out != want {
		t.Errorf("%d: got\n%s%s\nwant\n%s", status, out, errOut, want)
	}
	wantFits(t, out)
	wantRun(t, "explain nothing", 0, "a. A asked by ::1 at dns://:53:\n  no A records (NODATA), TTL 30, by the record b.\nSTAGE  RESULT: REASON\n", "")
	wantRun(t, "explain ap.example.org", 2, "", "failoverctl: there is no record ap.example.org.; did you mean app.example.org?\n")
}
