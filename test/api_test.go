package test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// apiCorefile is the story with an API, a heartbeat, and views of one name in two blocks.
const apiCorefile = `
	example.org:$dns {
		bind $ip
		prometheus $ip:$metrics
		failover {
			api $ip:$api
			state $dir/state
		}
		failover app.example.org {
			primary $a
			secondary $b
			check http :$web {
				` + fast + `
			}
		}
		failover example.org {
			record job {
				primary 192.0.2.1
				check heartbeat nightly {
					interval 50ms
					grace 10m
				}
			}
			record *.apps {
				primary 192.0.2.2
				check none
			}
		}
		errors
	}`

// call makes a request to the API of a server, "METHOD PATH BODY", and returns the status
// and the body of the answer.
func (s *server) call(request string, header ...string) (status int, body string) {
	s.Helper()
	words := strings.SplitN(request+"  ", " ", 3)
	r, err := http.NewRequestWithContext(s.Context(), words[0], "http://"+s.addr("api")+words[1], strings.NewReader(words[2]))
	if err != nil {
		s.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	for _, h := range header {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, err.Error()
	}
	defer resp.Body.Close()
	var text strings.Builder
	bufio.NewReader(resp.Body).WriteTo(&text)
	return resp.StatusCode, text.String()
}

// answersCall checks the answer of the API to a request.
func (s *server) answersCall(request string, status int, words ...string) {
	s.Helper()
	got, body := s.call(request)
	for _, word := range words {
		if !strings.Contains(body, word) {
			s.Errorf("%s: got %s\nwithout %s", request, body, word)
		}
	}
	if got != status {
		s.Errorf("%s: got %d, want %d: %s", request, got, status, body)
	}
}

// subscribe returns the events of the API as they happen.
func (s *server) subscribe() <-chan map[string]any {
	s.Helper()
	r, err := http.NewRequestWithContext(s.Context(), http.MethodGet, "http://"+s.addr("api")+"/v1/events", nil)
	if err != nil {
		s.Fatal(err)
	}
	r.Header.Set("Accept", "text/event-stream")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		s.Fatal(err)
	}
	events := make(chan map[string]any, 1000)
	go func() {
		defer close(events)
		defer resp.Body.Close()
		for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
			if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				var e map[string]any
				json.Unmarshal([]byte(data), &e)
				events <- e
			}
		}
	}()
	return events
}

// next returns the next events, until there is one of each kind.
func next(t *testing.T, events <-chan map[string]any, kinds ...string) map[string]map[string]any {
	t.Helper()
	found := make(map[string]map[string]any)
	deadline := time.After(patience)
	for {
		select {
		case e, ok := <-events:
			if !ok {
				t.Fatalf("the stream has ended before %q", kinds)
			}
			found[e["kind"].(string)] = e
			if !slices.ContainsFunc(kinds, func(kind string) bool { return found[kind] == nil }) {
				return found
			}
		case <-deadline:
			t.Fatalf("no events %q", kinds)
		}
	}
}

// What a user sees of a failover by the API.
func TestAPI(t *testing.T) {
	t.Parallel()
	ts := newTargets(t, 2)
	s := story{start(t, apiCorefile, vars{"a": ts[0].ip, "b": ts[1].ip, "web": ts[0].port}), ts[0], ts[1]}
	s.answersFrom(s.primary)
	s.waitFor(s.primary.ip + ": unknown -> up: 1 pass")
	s.waitFor(s.secondary.ip + ": unknown -> up: 1 pass")
	s.answersCall("GET /v1/health", 200, `{"status":"ok"}`)
	s.answersCall("GET /v1/status", 200, `"total":3`, `"frozen":false`, `"store":{"type":"embedded","state":"joined","members":1}`)
	s.answersCall("GET /v1/records/APP.example.org", 200, `"name":"app.example.org."`, `"state":"ok"`, `"pool":"primary"`, `"address":"`+s.primary.ip+`"`)
	s.answersCall("GET /v1/records/%2A.apps.example.org.", 200, `"name":"*.apps.example.org."`)
	s.answersCall("GET /v1/records/x.apps.example.org", 404)
	s.answersCall("GET /v1/records/no.example.org", 404)
	s.answersCall("GET /openapi.json", 200, `"openapi":"3.1.0"`)
	if _, body := s.call("GET /v1/events"); strings.Contains(body, `"from":"unknown"`) {
		t.Errorf("that it came up is an event: %s", body)
	}

	events := s.subscribe()
	s.primary.sick()
	found := next(t, events, "check", "pool")
	if e := found["check"]; e["endpoint"] != s.primary.ip || e["from"] != "up" || e["to"] != "down" {
		t.Errorf("got %v", e)
	}
	if e := found["pool"]; e["record"] != "app.example.org." || e["from"] != "primary" || e["to"] != "secondary" || e["id"].(float64) < 1 {
		t.Errorf("got %v", e)
	}
	s.answersCall("GET /v1/records/app.example.org", 200, `"state":"failed_over"`, `"pool":"secondary"`)
	s.answersCall("GET /v1/records?state=failed_over", 200, `"name":"app.example.org."`)

	last := s.reloads(events, apiCorefile+"\n")
	s.reloadFails(strings.Replace(apiCorefile, "fall 4", "fall 0", 1))
	if again := s.reloads(events, apiCorefile); again != last+1 {
		t.Errorf("the reload that failed is an event: ids %v and %v", last, again)
	}
}

// reloads reloads the server, and returns the ID of the event that says so.
func (s *server) reloads(events <-chan map[string]any, corefile string) float64 {
	s.Helper()
	s.reload(corefile)
	return next(s.T, events, "reload")["reload"]["id"].(float64)
}

func TestAPIHeartbeat(t *testing.T) {
	t.Parallel()
	s := start(t, apiCorefile, vars{"a": loopback(), "b": loopback()})
	state := func(want string) {
		t.Helper()
		eventually(t, "the endpoint is "+want, func() bool {
			_, body := s.call("GET /v1/records/job.example.org")
			return strings.Contains(body, `"probed":"`+want+`"`)
		})
	}
	state("unknown")
	s.answersCall("POST /v1/heartbeats/weekly", 404)
	s.answersCall("POST /v1/heartbeats/nightly", 204)
	state("up")
	const evil = `x\u001b[2J\n[INFO] plugin/failover: \u202eall is well<script>`
	s.answersCall(`POST /v1/heartbeats/nightly {"ok":false,"reason":"`+evil+`"}`, 204)
	state("down")
	s.waitFor("the last beat was a failed one: x?[2J\n") // the first line, and of it what can be seen
	for line := range strings.Lines(s.log.String()) {
		if strings.HasPrefix(line, "[INFO] plugin/failover: all") || strings.ContainsAny(line, "\x1b\u202e") {
			t.Errorf("the log has %q", line)
		}
	}
	_, body := s.call("GET /v1/events")
	if strings.Contains(body, "<script>") || strings.Contains(body, "\x1b") {
		t.Errorf("the answer has characters of HTML or terminals: %s", body)
	}
	s.answersCall(`POST /v1/overrides {"changes":[{"record":"JOB.example.org","pool":"primary","action":"drain","reason":"r"},`+
		`{"address":"192.0.2.77","action":"down","reason":"r"}],"force":true}`, 200)
	m := s.scrape()
	if got := m[`coredns_failover_overrides{action="drain",record="job.example.org."}`] + m[`coredns_failover_overrides{action="down",record=""}`]; got != "11" {
		t.Errorf("got the overrides %q", got)
	}
	if got := m[`coredns_failover_heartbeat_age_seconds{heartbeat="nightly"}`]; got == "" {
		t.Error("the age of the heartbeat is missing")
	}
}

// A port that is taken fails the start and the reload with its name. The old API serves
// after a reload that failed; one that has moved, or is gone, no longer.
func TestAPIListener(t *testing.T) {
	t.Parallel()
	corefile := func(api string) string {
		return "example.org:$dns {\nbind $ip\nfailover {\n" + api + "\n}\nfailover app.example.org {\nprimary 192.0.2.1\ncheck none\n}\n}"
	}
	s := start(t, corefile("api $ip:$api"), nil)
	s.vars["busy"] = occupy(t, s.vars["ip"])
	refuseStart(t, s, corefile("api $ip:$busy"), "api: listen tcp "+s.addr("busy")+": bind: address already in use")
	said := s.reloadFails(corefile("api $ip:$busy"))
	if want := "api: listen tcp " + s.addr("busy") + ": bind: address already in use"; !strings.Contains(said, want) {
		t.Errorf("the log has %s\nwithout %s", said, want)
	}
	s.answersCall("GET /v1/health", 200)
	s.reload(corefile("api $ip:$api {\ntoken s3cret\n}"))
	s.answersCall("GET /v1/status", 401)
	if status, body := s.call("GET /v1/status", "Authorization: Bearer s3cret"); status != 200 || strings.Contains(body, "s3cret") {
		t.Errorf("got %d %s", status, body)
	}
	s.reloadFails(corefile("api $ip:$api {\ntoken s3cret nonsense\n}"))
	s.answersCall("GET /v1/status", 401)
	s.reload(corefile("api unix:$dir/api.sock"))
	if status, _ := s.call("GET /v1/health"); status != 0 {
		t.Error("the port is open after the API has moved")
	}
	s.reload(corefile("ecs_from ::1"))
	if files, _ := filepath.Glob(filepath.Join(s.vars["dir"], "*.sock")); len(files) > 0 {
		t.Errorf("the socket is there after the API is gone: %v", files)
	}
	if s.log.count("s3cret") > 0 {
		t.Error("the log has the token")
	}
}

// refuseStart checks that another server does not start with a Corefile.
func refuseStart(t *testing.T, like *server, corefile, want string) {
	t.Helper()
	s := prepare(t, vars{"ip": like.vars["ip"], "busy": like.vars["busy"]})
	s.write("Corefile", corefile)
	out, err := s.output(binary, "-conf", "Corefile", "-dns.port", s.vars.expand(t, "$dns"))
	if err == nil || !strings.Contains(out, want) {
		t.Errorf("got %v\n%s\nwithout %s", err, out, want)
	}
}

// The socket that a killed server left does not keep the next one from starting.
func TestAPISocketAfterKill(t *testing.T) {
	t.Parallel()
	corefile := "example.org:$dns {\nbind $ip\nfailover {\napi unix:$dir/api.sock\n}\nfailover app.example.org {\nprimary 192.0.2.1\ncheck none\n}\n}"
	first := prepare(t, nil)
	killed := killable(first, corefile)
	killed()
	s := start(t, corefile, first.vars)
	out, err := s.output("curl", "-s", "--unix-socket", s.vars["dir"]+"/api.sock", "http://any/v1/health")
	if err != nil || !strings.Contains(out, "ok") {
		t.Errorf("got %s, %v", out, err)
	}
}

// killable starts a server that the function that is returned kills.
func killable(s *server, corefile string) (kill func()) {
	s.Helper()
	s.write("Corefile", corefile)
	cmd := s.command(binary, "-conf", "Corefile", "-dns.port", s.vars.expand(s.T, "$dns"))
	if err := cmd.Start(); err != nil {
		s.Fatal(err)
	}
	eventually(s.T, "the socket is there", func() bool {
		files, _ := filepath.Glob(filepath.Join(s.vars["dir"], "api.sock"))
		return len(files) == 1
	})
	return func() {
		cmd.Process.Signal(syscall.SIGKILL)
		if err := cmd.Wait(); err == nil {
			s.Error(fmt.Errorf("it was not killed"))
		}
	}
}

func (s *server) command(args ...string) *exec.Cmd {
	cmd := exec.CommandContext(s.Context(), args[0], args[1:]...)
	cmd.Dir = s.vars["dir"]
	return cmd
}

// output runs a program in the server's directory.
func (s *server) output(args ...string) (string, error) {
	s.Helper()
	out, err := s.command(args...).CombinedOutput()
	return string(out), err
}
