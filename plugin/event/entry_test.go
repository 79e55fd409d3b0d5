package event

import (
	"fmt"
	"testing"
	"time"
)

// Which events become entries, and as what.
func TestEntries(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.FixedZone("CET", 3600))
	tests := []struct {
		event Event
		want  string // kind, pool, endpoint, from, to: reason by actor; or ""
	}{
		{Event{Kind: CheckChanged, Check: "tcp :1", Endpoint: "192.0.2.1", From: "up", To: "down", Reason: "refused"}, "check  192.0.2.1 up>down: tcp :1: refused by "},
		{Event{Kind: CheckChanged, From: "unknown", To: "down", Check: "c", Reason: "r"}, "check   unknown>down: c: r by "},
		{Event{Kind: CheckChanged, From: "unknown", To: "up", Check: "c", Reason: "r"}, ""},
		{Event{Kind: CheckChanged, From: "down", To: "up", Check: "c", Reason: "r"}, "check   down>up: c: r by "},
		{Event{Kind: CheckChanged, From: "down", To: "unknown", Check: "c", Reason: "r"}, "check   down>unknown: c: r by "},
		{Event{Kind: EndpointChanged, Pool: "p", Endpoint: "e", From: "unknown", To: "up"}, ""},
		{Event{Kind: EndpointChanged, Pool: "p", Endpoint: "e", From: "unknown", To: "down", Reason: "r"}, "endpoint p e unknown>down: r by "},
		{Event{Kind: EndpointChanged, Pool: "p", Endpoint: "e", From: "up", To: "down", Reason: "r"}, "endpoint p e up>down: r by "},
		{Event{Kind: EndpointChanged, Pool: "p", Endpoint: "e", From: "up", To: "up"}, ""}, // the start of a record
		{Event{Kind: PoolChanged, From: "", To: "primary"}, ""},                            // the same
		{Event{Kind: PoolChanged, From: "primary", To: "primary"}, ""},
		{Event{Kind: PoolChanged, From: "primary", To: "secondary", Reason: "r"}, "pool secondary  primary>secondary: r by "},
		{Event{Kind: PoolChanged, From: "primary", To: "none", Reason: "r"}, "pool none  primary>none: r by "},
		{Event{Kind: StateChanged, Pool: "p", From: "", To: "ok"}, ""},
		{Event{Kind: StateChanged, Pool: "p", From: "ok", To: "failed_over"}, ""},
		{Event{Kind: StateChanged, Pool: "p", From: "failed_over", To: "degraded", Reason: "r"}, "degraded p  off>on: r by "},
		{Event{Kind: StateChanged, Pool: "p", From: "degraded", To: "degraded", Reason: "r"}, ""},
		{Event{Kind: StateChanged, Pool: "p", From: "degraded", To: "ok", Reason: "r"}, "degraded p  on>off: r by "},
		{Event{Kind: Frozen}, "frozen   off>on: no witness answers by "},
		{Event{Kind: Thawed}, "frozen   on>off: a witness answers again by "},
		{Event{Kind: OverrideSet, Pool: "p", Endpoint: "e", To: "drain", Reason: "r", Actor: "write ann"}, "override p e >drain: r by write ann"},
		{Event{Kind: OverrideEnded, Pool: "p", From: "drain", Reason: "r"}, "override p  drain>: r by "},
		{Event{Kind: Released, Pool: "p", Reason: "r", Actor: "loopback"}, "release p  >: r by loopback"},
		{Event{Kind: Reloaded, Reason: "r"}, "reload   >: r by "},
		{Event{Kind: CheckInconclusive}, ""}, {Event{Kind: CheckPanicked}, ""}, {Event{Kind: ProbeDelayed}, ""},
		{Event{Kind: LookupFailed}, ""}, {Event{Kind: LookupRecovered}, ""}, {Event{Kind: EndpointGone}, ""},
	}
	j := NewJournal()
	id := uint64(0)
	for _, test := range tests {
		e := test.event
		e.Time, e.Record, e.Server, e.View = at, "app.example.org.", "dns://:53", "v"
		j.Tell(e)
		got := ""
		if entries := j.Entries(Query{After: id, HasAfter: true}); len(entries) > 0 {
			n := entries[0]
			got = fmt.Sprintf("%s %s %s %s>%s: %s by %s", n.Kind, n.Pool, n.Endpoint, n.From, n.To, n.Reason, n.Actor)
			if id++; n.ID != id || n.Time != at.UTC() || n.Time.Location() != time.UTC || n.Record != e.Record || n.Server != e.Server || n.View != e.View {
				t.Errorf("%+v: got %+v", e, n)
			}
		}
		if got != test.want {
			t.Errorf("%+v:\ngot  %q\nwant %q", test.event, got, test.want)
		}
	}
}
