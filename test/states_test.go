package test

import (
	"fmt"
	"strings"
	"testing"
)

// A state is one that the records of stateRecords can be in, with what their
// addresses are then.
type state struct {
	name               string
	primary, secondary bool   // whether they are well
	v4, v6             string // of app
	four, mapped       string // of four, and its address as dns64 maps it
	// gone, failed and passed are A of the records that end in nodata, servfail
	// and next.
	gone, failed, passed string
}

const (
	fourOK, sixOK     = "A 192.0.2.1 A 192.0.2.2", "AAAA 2001:db8::1"
	fourOver, sixOver = "A 198.51.100.1", "AAAA 2001:db8::2 AAAA 2001:db8::3"
)

var (
	ok         = state{"ok", true, true, fourOK, sixOK, "192.0.2.1", "64:ff9b::c000:201", fourOK, fourOK, fourOK}
	failedOver = state{"failed over", false, true, fourOver, sixOver, "198.51.100.1", "64:ff9b::c633:6401", fourOver, fourOver, fourOver}
	degraded   = state{"degraded", false, false, fourOK + " " + fourOver, sixOK + " " + sixOver, "192.0.2.1", "64:ff9b::c000:201", "NODATA SOA", "SERVFAIL", "A 127.9.9.9"}
)

// states are in the order in which records go through them.
var states = []state{ok, failedOver, degraded, failedOver, ok}

// stateRecords are records of two pools, whose endpoints are asked at two targets.
const stateRecords = `
	failover {
		ttl 7
		check http :$web {
			host app.test
			damping off
			` + fast + `
		}
		record app *.apps {
			$pools
			all_down all
		}
		record gone {
			$pools
			all_down nodata
		}
		record failed {
			$pools
			all_down servfail
		}
		record passed {
			$pools
			all_down next
		}
		record four {
			primary {
				endpoint 192.0.2.1 probe $a
			}
			secondary {
				endpoint 198.51.100.1 probe $b
			}
		}
	}
`

const statePair = `
	primary {
		endpoint 192.0.2.1 probe $a
		endpoint 2001:db8::1 probe $a
		endpoint 192.0.2.2 probe $a
	}
	secondary {
		endpoint 2001:db8::2 probe $b
		endpoint 198.51.100.1 probe $b
		endpoint 2001:db8::3 probe $b
	}
`

// recordsOfStates are how many there are of them.
const recordsOfStates = 6

// stateZoneFile is a zone of the records, with other data.
const stateZoneFile = zoneFile + `
app TXT t
app HTTPS 1 . alpn=h2
app A 127.9.9.9
www CNAME x.apps
other TXT o
passed A 127.9.9.9
_x._tcp SRV 1 2 80 app
@ MX 10 app
`

// A statesStory is a server with some blocks that have stateRecords.
type statesStory struct {
	*server
	a, b *target
}

// prepareStates prepares the server; $records stands for the records in its
// Corefile, which is to have "prometheus $ip:$metrics" somewhere, and $zone for
// their zone's file.
func prepareStates(t *testing.T) statesStory {
	t.Helper()
	ts := newTargets(t, 2)
	s := statesStory{prepare(t, vars{"a": ts[0].ip, "b": ts[1].ip, "web": ts[0].port}), ts[0], ts[1]}
	s.vars["zone"] = s.write("zone", stateZoneFile)
	s.vars["pools"] = s.vars.expand(t, statePair)
	s.vars["records"] = s.vars.expand(t, stateRecords)
	return s
}

// enters waits until the records of so many blocks are in a state.
func (s statesStory) enters(st state, blocks int) {
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
	want := fmt.Sprint(blocks*recordsOfStates, blocks*up[st.primary], blocks*up[st.secondary])
	becomes(s.T, "active pools, and the states of endpoints, "+st.name, want, func() string {
		m := s.scrape()
		return fmt.Sprint(m.ones("pool_active", `"`+active+`"`),
			m.ones("endpoint_up", `"192.0.2.1"`, `"four.`), m.ones("endpoint_up", `"198.51.100.1"`, `"four.`))
	})
}

// in replaces the words of a table by what they are in a state.
func (st state) in(want, zone string) string {
	return strings.NewReplacer("V4", st.v4, "V6", st.v6, "FOUR", st.four, "MAPPED", st.mapped, "GONE", st.gone, "FAILED", st.failed, "PASSED", st.passed, "ZONE", zone).Replace(want)
}
