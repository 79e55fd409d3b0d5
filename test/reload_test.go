package test

import (
	"fmt"
	"strings"
	"testing"
)

// seldom is the timing of its check: no target is probed again before a test ends, and a
// healthy one answers in time on a busy machine.
const seldom = "interval 30m\ntimeout 30s"

// reloadable returns a Corefile with a record of two pools and a slow check: a state that is
// lost is not found again soon.
func reloadable(check, more string) string {
	return `
	example.org:$dns {
		bind $ip
		prometheus $ip:$metrics
		failover app.example.org {
			primary $a
			secondary $b
			check http :$web` + check + ` {
				` + seldom + `
				fast_interval 20ms
				fall 2
			}
		}
		` + more + `
	}`
}

// startFailedOver starts a server with a Corefile whose primary is down.
func startFailedOver(t *testing.T, corefile string) story {
	t.Helper()
	ts := newTargets(t, 2)
	ts[0].sick()
	s := story{prepare(t, vars{"a": ts[0].ip, "b": ts[1].ip, "web": ts[0].port}), ts[0], ts[1]}
	s.serve(corefile)
	s.answersFrom(s.secondary)
	return s
}

// asks sends queries until stop is called. Each answer must be want.
func (s story) asks(want string) (stop func()) {
	n := 0
	quit := always(s.T, func() {
		n++
		if got := s.ask("app.example.org", "A"); got != want {
			s.Errorf("answer %d is %s, want %s", n, got, want)
		}
	})
	return func() {
		quit()
		s.Logf("%d answers", n)
	}
}

// The state survives a reload: an endpoint that is down stays down all the time.
func TestReloadKeepsState(t *testing.T) {
	t.Parallel()
	s := startFailedOver(t, reloadable("", ""))
	probes := s.primary.hits.Load()
	s.primary.well() // a new check would notice at once
	stop := s.asks(aRecords(s.secondary.ip))
	for n := range 10 {
		s.reload(reloadable("", fmt.Sprintf("# %d", n)))
		s.reload(reloadable("", "errors"))
	}
	stop()
	if n := s.primary.hits.Load(); n != probes {
		t.Errorf("the reloads caused %d probes", n-probes)
	}
	if n := s.log.count("secondary -> primary") + s.log.count("none"); n > 0 {
		t.Errorf("the reloads caused %d changes", n)
	}
}

// A pool that takes over because of a reload is logged like any other: a reload can release
// a pool that was held back with "failback manual".
func TestReloadChangesThePool(t *testing.T) {
	t.Parallel()
	held := strings.NewReplacer("secondary $b", "secondary $b\nfailback manual", seldom, "interval 500ms\nrise 1").Replace(reloadable("", ""))
	s := startFailedOver(t, held)
	s.primary.well()
	s.waitFor("down -> up")
	if got := s.ask("app.example.org", "A"); got != aRecords(s.secondary.ip) {
		t.Fatalf("a pool that is held back answers: %s", got)
	}
	s.reload(strings.Replace(held, "failback manual", "", 1))
	s.answersFrom(s.primary)
	s.waitFor("app.example.org.: secondary -> primary: the Corefile was reloaded")
	s.has(map[string]string{`transitions_total{from="secondary",` + app + `,to="primary"}`: "1"})
}

// A record keeps its state when a reload moves it into another failover block or changes
// its TTL.
func TestReloadKeepsStateOfAChangedRecord(t *testing.T) {
	t.Parallel()
	s := startFailedOver(t, reloadable("", ""))
	stop := s.asks(aRecords(s.secondary.ip))
	corefile := strings.NewReplacer("failover app.example.org {", "failover {\nrecord app {\nttl 77\n",
		"secondary $b", "secondary $b\npool third 192.0.2.1 {\ncheck none\n}",
		"fall 2\n\t\t\t}", "fall 2\n\t\t\t}\n}\nrecord new {\nprimary 192.0.2.9\ncheck none\n}").Replace(reloadable("", ""))
	s.reload(corefile)
	becomes(t, "the new record", "A 192.0.2.9", func() string { return s.ask("new.example.org", "A") })
	stop()
	if ttl := s.query("app.example.org", "A").Answer[0].Header().Ttl; ttl != 77 {
		t.Errorf("the TTL is %d", ttl)
	}
}

// A check that a reload changes keeps the state of its endpoint until its first result.
func TestReloadChangesCheck(t *testing.T) {
	t.Parallel()
	s := startFailedOver(t, reloadable("", ""))
	s.primary.well()
	s.primary.hold()
	stop := s.asks(aRecords(s.secondary.ip))
	before := s.primary.strayHits.Load()
	s.reload(reloadable("/other", ""))
	eventually(t, "the changed check probes", func() bool { return s.primary.strayHits.Load() == before+1 })
	s.has(map[string]string{`endpoint_up{endpoint="` + s.primary.ip + `",pool="primary",` + app + `}`: "0"})
	stop()
	s.primary.release()
	s.answersFrom(s.primary)
}

// A wrong Corefile does not disturb the running one.
func TestReloadOfAWrongCorefile(t *testing.T) {
	t.Parallel()
	s := startFailedOver(t, reloadable("", ""))
	stop := s.asks(aRecords(s.secondary.ip))
	for range 3 {
		said := s.reloadFails(reloadable("", "failover www.example.org {\nprimary 192.0.2.1\ncheck http {\ninterval 1ms\n}\n}"))
		if want := "Corefile:18 - Error during parsing: interval 1ms: expected a duration from 20ms to 1h"; !strings.Contains(said, want) {
			t.Errorf("the log has %s\nwant %s", indent(said), want)
		}
	}
	stop()
	s.reload(strings.Replace(reloadable("", ""), "secondary $b", "secondary 192.0.2.9 {\ncheck none\n}", 1))
	becomes(t, "the answer", "A 192.0.2.9", func() string { return s.ask("app.example.org", "A") })
}

// A reload does not interrupt the probe in flight, and its result counts.
func TestReloadKeepsTheProbeInFlight(t *testing.T) {
	t.Parallel()
	ts := newTargets(t, 2)
	ts[0].hold()
	s := story{prepare(t, vars{"a": ts[0].ip, "b": ts[1].ip, "web": ts[0].port}), ts[0], ts[1]}
	corefile := strings.Replace(reloadable("", ""), "timeout 30s", "timeout 5m", 1)
	s.serve(corefile)
	eventually(t, "the first probe", func() bool { return s.primary.hits.Load() == 1 })
	s.reload(corefile + "\n#")
	s.primary.release()
	s.has(map[string]string{`endpoint_up{endpoint="` + s.primary.ip + `",pool="primary",` + app + `}`: "1"})
	if n := s.primary.hits.Load(); n != 1 {
		t.Errorf("%d probes, want the first one only", n)
	}
}

// A target that no record uses any more is no longer probed.
func TestReloadStopsChecks(t *testing.T) {
	t.Parallel()
	ts := newTargets(t, 2)
	s := start(t, storyCorefile, vars{"a": ts[0].ip, "b": ts[1].ip, "web": ts[0].port})
	eventually(t, "both are probed", func() bool { return ts[0].hits.Load() > 0 && ts[1].hits.Load() > 0 })
	s.reload(strings.Replace(storyCorefile, "$a", "$b", 1))
	gone, kept := ts[0].hits.Load(), ts[1].hits.Load()
	eventually(t, "ten more probes of the other", func() bool { return ts[1].hits.Load() > kept+10 })
	if n := ts[0].hits.Load(); n != gone {
		t.Errorf("%d probes of an endpoint that was removed", n-gone)
	}
}
