package pool

import (
	"fmt"
	"strings"
	"testing"
)

// maxMin sets the TTL to 30 s, and to 5 s while answers may change. An endpoint
// goes down after three failures, and comes up after two passes.
func maxMin(rec *Record) {
	rec.TTL, rec.MinTTL = 30, 5
	for p := range rec.Pools {
		for e := range rec.Pools[p].Endpoints {
			for k := range rec.Pools[p].Endpoints[e].Checks {
				s := &rec.Pools[p].Endpoints[e].Checks[k].Spec
				s.Fall.Count, s.Rise.Count = 3, 2
			}
		}
	}
}

// ttl returns the TTL of the View, and fails the test if an answer has another.
func (r *run) ttl() uint32 {
	v := r.tracker.View()
	for _, s := range append(v.Sets, v.Down) {
		if s == nil {
			continue
		}
		for _, rr := range append(s.A.RRs, s.AAAA.RRs...) {
			if rr.Header().Ttl != v.TTL {
				r.Errorf("%s in a view of %d", rr, v.TTL)
			}
		}
	}
	return v.TTL
}

// From the first result against a state on, answers carry MIN until the state is
// settled, and MAX otherwise.
func TestTTL(t *testing.T) {
	const pair = "primary 1: 192.0.2.1 192.0.2.10"
	choosing := func(rec *Record) {
		rec.Steer.Kind = SteerWeighted
		for p := range rec.Pools {
			rec.Pools[p].Weight = 1
		}
	}
	tests := []struct {
		name   string
		config func(*Record)
		pools  []string
		script string // what happens, and the TTLs second by second from then on
	}{
		{"one of two fails", nil, []string{pair, two}, "well 30 30 -1 5 5 30 30 +1 5 30"},
		{"and does not", nil, []string{pair, two}, "-1 5 5 +1 30 30"},
		{"fails over and back", nil, []string{one, two}, "-1 5 5 30 30 +1 5 30"},
		{"and the secondary then", nil, []string{one, two}, "-1 5 5 30 -2 5 5 5 5 +2 5 30"}, // degraded
		{"a pool that does not answer", nil, []string{one, two}, "-2 30 30 30 30 +2 30 30 30"},
		{"a pool lower down", nil, []string{one, two, three}, "-1 5 5 30 -3 30 30 30 30 +3 30 30"},
		{"one that cannot come up", nil, []string{"primary 2: 192.0.2.1 192.0.2.10", two}, "-1 5 5 30 -10 30 30 30 +1 30 30 +10 5 30"},
		{"all down", nil, []string{one}, "-1 5 5 5 5 5 +1 5 30"},
		{"held back", manual, []string{one, two}, "-1 5 5 30 +1 30 30 30 30 -1 30 30 30"},
		{"all that are drawn", choosing, []string{one, two}, "-2 5 5 30 +2 5 30"},
		{"what has no share", func(rec *Record) { choosing(rec); rec.Pools[1].Weight = 0 }, []string{one, two, three}, "-3 5 5 30 -2 5 5 30 +2 30 30 30"},
		{"preferred", func(rec *Record) { rec.Pools[1].Prefer = "true" }, []string{one, two}, "-2 5 5 30 +2 5 30"},
		{"the same MIN", func(rec *Record) { rec.MinTTL = 30 }, []string{one, two}, "-1 30 30 30 30 +1 30 30"},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			configure := func(rec *Record) {
				maxMin(rec)
				if tc.config != nil {
					tc.config(rec)
				}
			}
			inLab(t, configure, func(r *run) {
				got := ""
				for _, word := range strings.Fields(tc.script) {
					switch {
					case word == "well":
					case word[0] == '-':
						r.down("192.0.2." + word[1:])
					case word[0] == '+':
						r.up("192.0.2." + word[1:])
					default:
						r.pass(1)
						word = fmt.Sprint(r.ttl())
					}
					got += word + " "
				}
				if strings.TrimSpace(got) != tc.script {
					t.Errorf("got %s, want %s", got, tc.script)
				}
			}, tc.pools...)
		})
	}
}

// Before the first result an answer may change.
func TestTTLAtTheStart(t *testing.T) {
	inLab(t, func(rec *Record) { maxMin(rec); rec.Pools[0].Endpoints[0].Checks[0].Spec.Check = mute{new(int)} }, func(r *run) {
		if got := r.ttl(); got != 5 {
			t.Errorf("nothing is known, and the TTL is %d", got)
		}
	}, one, two)
}

// Probes of one pool do not replace the View while another is pending.
func TestTTLWhileWaiting(t *testing.T) {
	waiting := func(rec *Record) { host(0, "lb.example.net.")(rec); maxMin(rec) }
	inLab(t, waiting, func(r *run) {
		v := r.tracker.View()
		r.pass(10)
		if r.tracker.View() != v || v.TTL != 5 {
			t.Errorf("another View, or another TTL than %d", v.TTL)
		}
	}, one, two)
}
