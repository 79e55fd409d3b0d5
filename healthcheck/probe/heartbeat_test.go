package probe

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/test/kit"
)

// at is when the test of a heartbeat begins.
var at = time.Unix(1_000_000, 0)

// Before the first beat a heartbeat is inconclusive for the time of grace. Then only
// beats within grace pass.
func TestHeartbeat(t *testing.T) {
	const s = time.Second
	for _, tc := range []struct {
		name  string
		beats []Beat // set at their times
		at    time.Duration
		want  string
	}{
		{"no beat yet", nil, 5 * s, "inconclusive: no beat yet"},
		{"no beat in time", nil, 5*s + 1, "no beat within 5s"},
		{"a beat", []Beat{{at.Add(s), ""}}, 6 * s, ""},
		{"long ago", []Beat{{at.Add(s), ""}}, 7 * s, "the last beat was 6s ago, expected one within 5s"},
		{"before the start", []Beat{{at.Add(-2 * s), ""}}, 3 * s, ""},
		{"long before the start", []Beat{{at.Add(-2 * s), ""}}, 4 * s, "the last beat was 6s ago, expected one within 5s"},
		{"a failed beat", []Beat{{at.Add(s), "disk\nfull"}}, 2 * s, "the last beat was a failed one: disk"},
		{"a good one after that", []Beat{{at.Add(s), "no"}, {at.Add(2 * s), ""}}, 7 * s, ""},
		{"a failed one after a good one", []Beat{{at.Add(s), ""}, {at.Add(2 * s), "no"}}, 2 * s, "the last beat was a failed one: no"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			now := at
			p := Heartbeat{Name: t.Name(), Grace: 5 * s}.ProberAt(func() time.Time { return now })
			for _, b := range tc.beats {
				SetBeat(t.Name(), b)
			}
			now = at.Add(tc.at)
			err := p.Probe(t.Context(), kit.Loopback)
			got := ""
			if err != nil {
				got = err.Error()
			}
			if errors.Is(err, healthcheck.ErrInconclusive) {
				got = "inconclusive: " + got
			}
			if got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

// A beat is news if the next probe finds another result because of it.
func TestBeatIsNews(t *testing.T) {
	name, now := t.Name(), at
	p := Heartbeat{Name: name, Grace: 5 * time.Second}.ProberAt(func() time.Time { return now })
	var got []bool
	const s = time.Second
	for _, b := range []struct {
		after   time.Duration
		failure string
	}{{0, ""}, {3 * s, ""}, {3 * s, "no"}, {3 * s, "still no"}, {3 * s, ""}, {9 * s, ""}, {s, ""}} {
		now = now.Add(b.after)
		p.Probe(t.Context(), kit.Loopback)
		got = append(got, SetBeat(name, Beat{now, b.failure}))
	}
	if want := "[true false true false true true false]"; fmt.Sprint(got) != want {
		t.Errorf("got %v, want %s", got, want)
	}
	if b := Beats()[name]; b != (Beat{now, ""}) {
		t.Errorf("the last beat is %v", b)
	}
}
