package test

import (
	"fmt"
	"strings"
	"testing"
)

// A state is a state that stateRecords can be in, with the answers of the records in it.
type state struct {
	name               string
	primary, secondary bool   // whether the target is healthy
	v4, v6             string // of app
	hints              string // to it
	four, mapped       string // of four, and its address as dns64 maps it
	// gone, failed and passed are the answers to A of the records with all_down
	// nodata, servfail and next.
	gone, failed, passed string
	// found, cname and text are the answers of foundRecords: to A of one with next,
	// and to A and TXT of one with a CNAME.
	found, cname, text string
}

const (
	fourOK, sixOK     = "A 192.0.2.1 A 192.0.2.2", "AAAA 2001:db8::1"
	fourOver, sixOver = "A 198.51.100.1", "AAAA 2001:db8::2 AAAA 2001:db8::3"

	foundOK, foundOver = "A TARGET", "A 198.51.100.9"
	cnameOK, textOK    = "CNAME target.ZONE A TARGET", `CNAME target.ZONE TXT "target"`

	hintsOK   = `ipv4hint="192.0.2.1,192.0.2.2" ipv6hint="2001:db8::1"`
	hintsOver = `ipv4hint="198.51.100.1" ipv6hint="2001:db8::2,2001:db8::3"`
	hintsAll  = `ipv4hint="192.0.2.1,192.0.2.2,198.51.100.1" ipv6hint="2001:db8::1,2001:db8::2,2001:db8::3"`
)

var (
	ok         = state{"ok", true, true, fourOK, sixOK, hintsOK, "192.0.2.1", "64:ff9b::c000:201", fourOK, fourOK, fourOK, foundOK, cnameOK, textOK}
	failedOver = state{"failed over", false, true, fourOver, sixOver, hintsOver, "198.51.100.1", "64:ff9b::c633:6401", fourOver, fourOver, fourOver, foundOver, foundOver, "NODATA SOA"}
	degraded   = state{"degraded", false, false, fourOK + " " + fourOver, sixOK + " " + sixOver, hintsAll, "192.0.2.1", "64:ff9b::c000:201", "NODATA SOA", "SERVFAIL", "A 127.9.9.9", foundOK, cnameOK, textOK}
)

// states are in the order in which the records pass through them.
var states = []state{ok, failedOver, degraded, failedOver, ok}

// A statesStory is a server with blocks of stateRecords and the two targets.
type statesStory struct {
	*server
	a, b *target
}

// prepareStates prepares the server. Its Corefile must have "prometheus $ip:$metrics"
// in it, and $zone is the file of the zone of the records.
func prepareStates(t *testing.T) statesStory {
	t.Helper()
	ts := newTargets(t, 2)
	s := statesStory{prepare(t, vars{"a": ts[0].ip, "b": ts[1].ip, "web": ts[0].port}), ts[0], ts[1]}
	s.vars["zone"] = s.write("zone", stateZoneFile)
	s.vars["pools"] = s.vars.expand(t, statePair)
	s.vars["standby"] = s.vars.expand(t, "secondary {\nendpoint 198.51.100.9 probe $b\n}")
	return s
}

// within returns s for a subtest of the test that started it.
func (s statesStory) within(t *testing.T) statesStory { return statesStory{s.server.in(t), s.a, s.b} }

// records returns stateRecords for a zone that the next plugins have too.
func (s statesStory) records(zone string) string {
	return strings.ReplaceAll(strings.Replace(stateRecords, "FOUND", foundRecords, 1), "ZONE", zone)
}

// ours returns stateRecords for a zone that no next plugin has.
func (s statesStory) ours() string { return strings.Replace(stateRecords, "FOUND", "", 1) }

// enters waits until that many blocks, with that many records in all, are in a state.
func (s statesStory) enters(st state, blocks, records int) {
	s.Helper()
	for g, well := range map[*target]bool{s.a: st.primary, s.b: st.secondary} {
		if well {
			g.well()
		} else {
			g.sick()
		}
	}
	active := "none"
	switch {
	case st.primary:
		active = "primary"
	case st.secondary:
		active = "secondary"
	}
	up := map[bool]int{true: 1}
	want := fmt.Sprint(records, blocks*up[st.primary], blocks*up[st.secondary])
	becomes(s.T, "active pools, and the states of endpoints, "+st.name, want, func() string {
		m := s.scrape()
		return fmt.Sprint(m.ones("pool_active", `"`+active+`"`),
			m.ones("endpoint_up", `"192.0.2.1"`, `"four.`), m.ones("endpoint_up", `"198.51.100.1"`, `"four.`))
	})
}

// in replaces the words of a table with their meaning in a state.
func (s statesStory) in(want, zone string, st state) string {
	return strings.NewReplacer("ZONE", zone, "TARGET", s.a.ip).Replace(strings.NewReplacer(
		"V4", st.v4, "V6", st.v6, "HINTS", st.hints, "FOUR", st.four, "MAPPED", st.mapped, "GONE", st.gone, "FAILED", st.failed,
		"PASSED", st.passed, "FOUND", st.found, "ALIAS", st.cname, "TEXT", st.text).Replace(want))
}
