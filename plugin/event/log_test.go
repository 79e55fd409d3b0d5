package event

import (
	"slices"
	"testing"
)

// What an operator does is logged, without characters that would steer a terminal.
func TestLogOfOperators(t *testing.T) {
	for _, tc := range []struct {
		e    Event
		want string
	}{
		{
			Event{Kind: OverrideSet, Record: "app.example.org.", Pool: "primary", Endpoint: "web1", To: "down", Reason: "a\x1b[2J\nb", Actor: "loopback \u202ejane"},
			`plugin/failover: override set by loopback \u202ejane: web1 of pool primary of app.example.org.: down: a\x1b[2J\nb`,
		},
		{
			Event{Kind: OverrideEnded, Endpoint: "192.0.2.1", From: "down", Reason: "its time is over"},
			"plugin/failover: override ended: 192.0.2.1: no longer down: its time is over",
		},
		{
			Event{Kind: OverrideEnded, Record: "app.example.org.", Server: "dns://:53", View: "in", From: "freeze", Reason: "removed", Actor: "socket"},
			"plugin/failover: override ended by socket: app.example.org. at dns://:53 in view in: no longer freeze: removed",
		},
		{
			Event{Kind: Released, Record: "app.example.org.", Pool: "primary", Reason: "pool primary may answer again", Actor: "socket"},
			"plugin/failover: released by socket: pool primary of app.example.org.: pool primary may answer again",
		},
		{
			Event{Kind: CheckChanged, Check: "http", Endpoint: "192.0.2.1", From: "up", To: "down", Reason: "bad \xff é"},
			`plugin/failover: check http of 192.0.2.1: up -> down: bad \xff é`,
		},
	} {
		if got := logged(func() { Log(tc.e) }); !slices.Equal(got, []string{tc.want}) {
			t.Errorf("got %q, want %q", got, tc.want)
		}
	}
}
