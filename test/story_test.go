package test

import (
	"strings"
	"testing"
	"time"
)

const storyCorefile = `
	example.org:$dns {
		bind $ip
		prometheus $ip:$metrics
		failover app.example.org {
			primary $a
			secondary {
				endpoint $b name standby
			}
			ttl 7
			check http :$web {
				` + fast + `
			}
		}
		errors
	}`

// A story is the README's first promise: the next query after a failure is answered from
// the secondary, and when the primary recovers, answers go back to it.
type story struct {
	*server
	primary, secondary *target
}

func startStory(t *testing.T) story {
	ts := newTargets(t, 2)
	s := start(t, storyCorefile, vars{"a": ts[0].ip, "b": ts[1].ip, "web": ts[0].port})
	return story{s, ts[0], ts[1]}
}

func (s story) answersFrom(g *target) {
	s.Helper()
	becomes(s.T, "the answer", aRecords(g.ip), func() string { return s.ask("app.example.org", "A") })
}

func TestStory(t *testing.T) {
	t.Parallel()
	s := startStory(t)
	s.answersFrom(s.primary)
	s.waitFor(s.primary.ip + ": unknown -> up: 1 pass")

	killed := time.Now()
	s.primary.stop()
	s.answersFrom(s.secondary)
	// An interval with its jitter and three fast ones, and time for a busy machine.
	if took := time.Since(killed); took > 30*time.Second {
		t.Errorf("the failover took %s", took)
	}
	s.waitFor("app.example.org.: primary -> secondary: " + s.primary.ip + " of pool primary is down: ")

	started := time.Now()
	s.primary.start()
	s.answersFrom(s.primary)
	if took := time.Since(started); took > 30*time.Second {
		t.Errorf("the failback took %s", took)
	}
	s.waitFor("app.example.org.: secondary -> primary: " + s.primary.ip + " of pool primary is up: ")

	for _, line := range []string{
		"[WARNING] plugin/failover: app.example.org.: primary -> secondary",
		"[INFO] plugin/failover: app.example.org.: secondary -> primary",
		"up -> down: 4 failures in ",
		"down -> up: 2 passes in ",
	} {
		if n := s.log.count(line); n != 1 {
			t.Errorf("the log has %q %d times", line, n)
		}
	}
}

// The log has a line for each transition, and none for a probe.
func TestLogIsQuiet(t *testing.T) {
	t.Parallel()
	s := startStory(t)
	s.secondary.sick()
	s.waitFor(s.primary.ip + ": unknown -> up")
	s.waitFor("-> down")
	before, lines := s.secondary.hits.Load(), s.log.count("\n")
	eventually(t, "ten more probes", func() bool { return s.secondary.hits.Load() > before+10 })
	if now := s.log.count("\n"); now != lines {
		t.Errorf("%d lines were logged while nothing changed", now-lines)
	}
}

// When no pool is healthy, an error is logged and the primary is served.
func TestStoryDegraded(t *testing.T) {
	t.Parallel()
	s := startStory(t)
	s.primary.sick()
	s.answersFrom(s.secondary)
	s.secondary.sick()
	s.answersFrom(s.primary)
	s.waitFor("[WARNING] plugin/failover: app.example.org. is degraded: all pools down: serving primary")
	s.waitFor("app.example.org.: secondary -> none: standby of pool secondary is down: ")
	s.secondary.well()
	s.answersFrom(s.secondary)
	s.waitFor("app.example.org. is no longer degraded")
	s.waitFor("app.example.org.: none -> secondary: ")
	if i := strings.Index(s.log.String(), "503"); i < 0 {
		t.Error("the log does not have the results of the targets")
	}
}
