package test

import (
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// beat sends a beat, and checks the status of the answer.
func (s *server) beat(name, body string, want int) {
	s.Helper()
	if status, text := s.operate("POST", "/v1/heartbeats/"+name, body); status != want {
		s.Errorf("a beat of %s: %d %s, want %d", name, status, text, want)
	}
}

// heartbeats has a record for each check, whose primary is 192.0.2.1.
func heartbeats(checks ...string) string {
	text := withState + "prometheus $ip:$metrics\nfailover {\n"
	for i, check := range checks {
		text += fmt.Sprintf("record r%d {\nprimary 192.0.2.1\nsecondary 192.0.2.2 {\ncheck none\n}\n%s\n}\n", i, check)
	}
	return text + "}\n}"
}

// short timing, but for grace.
const often = "interval 200ms\nfast_interval 20ms\nfall 2\nrise 2\n"

// answer returns what the record with an index is answered with: the octet that tells.
func (s *server) answer(i int) func() string {
	return func() string { return strings.TrimPrefix(s.ask(fmt.Sprintf("r%d.example.org", i), "A"), "A 192.0.2.") }
}

// A heartbeat is unknown before its first beat, for the time of grace. Then only beats
// within grace pass, and a failed one fails at once.
func TestHeartbeat(t *testing.T) {
	t.Parallel()
	s := start(t, heartbeats(
		"check heartbeat job {\ngrace 1h\n"+often+"}",
		"check heartbeat late {\ngrace 2s\n"+often+"}",
		"check heartbeat job {\ngrace 1h\ninvert\n"+often+"}",
		"check heartbeat job {\ngrace 1h\n"+often+"}\ncheck heartbeat other {\ngrace 1h\n"+often+"}\nrequire any",
		"check heartbeat job {\ngrace 1h\ninterval 1h\nfall 1\nrise 1\n}",
	), nil)
	state := func(i int) func() string {
		return func() string {
			_, text := s.operate("GET", fmt.Sprintf("/v1/records/r%d.example.org", i), "")
			_, text, _ = strings.Cut(text, `"probed":"`)
			text, _, _ = strings.Cut(text, `"`)
			return text
		}
	}
	for _, i := range []int{0, 2, 3} {
		if got := state(i)(); got != "unknown" {
			t.Errorf("before the first beat r%d is %s", i, got)
		}
	}
	becomes(t, "late, without a beat within grace", "2", s.answer(1))
	s.beat("late", "", http.StatusNoContent)
	becomes(t, "late, with a beat", "1", s.answer(1))
	becomes(t, "late, a while later", "2", s.answer(1))

	s.beat("job", "{}", http.StatusNoContent)
	for i, want := range map[int]string{0: "1", 2: "2", 3: "1", 4: "1"} {
		becomes(t, fmt.Sprintf("r%d after a beat", i), want, s.answer(i))
	}
	becomes(t, "r4, whose interval is an hour, after a beat", "up", state(4))
	s.beat("job", `{"ok":false,"reason":"lag 40s"}`, http.StatusNoContent)
	for i, want := range map[int]string{0: "2", 2: "1", 3: "1", 4: "2"} {
		becomes(t, fmt.Sprintf("r%d after a failed beat", i), want, s.answer(i))
	}
	s.waitFor("the last beat was a failed one: lag 40s")
	s.beat("other", `{"ok":false}`, http.StatusNoContent)
	becomes(t, "r3 after two failed beats", "2", s.answer(3))
	s.beat("job", `{"ok":true}`, http.StatusNoContent)
	for i, want := range map[int]string{0: "1", 2: "2", 3: "1", 4: "1"} {
		becomes(t, fmt.Sprintf("r%d after a good beat", i), want, s.answer(i))
	}

	s.beat("nosuch", "", http.StatusNotFound)
	s.beat("JOB", "", http.StatusNotFound)
	s.beat("job", `{"ok":"no"}`, http.StatusBadRequest)
	if age := s.metric(`coredns_failover_heartbeat_age_seconds{heartbeat="job"}`); age <= 0 || age > patience.Seconds() {
		t.Errorf("the age is %v", age)
	}
}

// A restart keeps the last beats: the age of a good one, and that a failed one was so.
func TestHeartbeatsOverARestart(t *testing.T) {
	t.Parallel()
	corefile := heartbeats("check heartbeat old {\ngrace 3s\n"+often+"}", "check heartbeat failed {\ngrace 1h\n"+often+"}", "check heartbeat good {\ngrace 1h\n"+often+"}")
	s := start(t, corefile, nil)
	s.beat("old", "", http.StatusNoContent)
	s.beat("good", "", http.StatusNoContent)
	s.beat("failed", `{"ok":false,"reason":"no"}`, http.StatusNoContent)
	becomes(t, "failed", "2", s.answer(1))
	becomes(t, "old", "2", s.answer(0))
	s.inState(1, `"failure":"no"`)
	s.inState(2, `"state":"down"`)
	s.kill()
	s = s.again()
	began := time.Now()
	s.serve(corefile)
	for i, want := range []string{"2", "2", "1"} {
		if got := s.answer(i)(); got != want {
			t.Errorf("the first answer for r%d is %s, want %s", i, got, want)
		}
	}
	eventually(t, "results", func() bool { return s.log.count("unknown -> up") >= 1 || time.Since(began) > 2*time.Second })
	for i, want := range []string{"2", "2", "1"} {
		becomes(t, fmt.Sprintf("r%d later", i), want, s.answer(i))
	}
}

// A check heartbeat without api does not start, wherever it stands.
func TestHeartbeatWithoutAPI(t *testing.T) {
	t.Parallel()
	s := prepare(t, nil)
	const corefile = "example.net:$dns {\nbind $ip\nfailover {\nprimary 192.0.2.1\ncheck heartbeat job\n}\n}\n"
	s.write("Corefile", corefile)
	out, err := runServer(s)
	if want := "Corefile:5 - Error during parsing: check heartbeat job: expected the property api"; err == nil || !strings.Contains(out, want) {
		t.Errorf("it starts with %v, want %q:\n%s", err, want, out)
	}
	good := corefile + "example.org:$dns {\nbind $ip\nfailover {\napi unix:" + filepath.Join(s.vars["dir"], "api") + "\n}\n}"
	s.serve(good)
	if out := s.reloadFails(corefile); !strings.Contains(out, "expected the property api") {
		t.Errorf("a reload says\n%s", out)
	}
}
