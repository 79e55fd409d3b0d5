package test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/coredns-failover/failover/test/kit"
)

// operate sends a request with a JSON body to the API, and returns the status and the
// answer. The status is 0 if there is none.
func (s *server) operate(method, path, body string) (status int, answer string) {
	req, err := http.NewRequest(method, "http://"+s.addr("api")+path, bytes.NewBufferString(body))
	if err != nil {
		s.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	client := http.Client{Timeout: patience, Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		return 0, err.Error()
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, err.Error()
	}
	return resp.StatusCode, string(text)
}

// override sets an override of a target, and returns its ID.
func (s *server) override(target, action string) (id string) {
	s.Helper()
	status, text := s.operate("POST", "/v1/overrides", fmt.Sprintf(`{"changes":[{%s,"action":"%s","reason":"test","forever":true}],"force":true}`, target, action))
	var a struct{ Overrides []struct{ ID string } }
	if err := json.Unmarshal([]byte(text), &a); err != nil || status != http.StatusOK || len(a.Overrides) != 1 {
		s.Fatalf("%s %s: %d %s", action, target, status, text)
	}
	return a.Overrides[0].ID
}

// kill ends the process as a power failure does.
func (s *server) kill() {
	s.signal(syscall.SIGKILL)
	<-s.done
	s.err = nil // which is as it should be
}

// again returns a server of the next process, in the directory and with the variables of s.
func (s *server) again() *server {
	return &server{T: s.T, vars: s.vars, log: new(output), done: make(chan struct{})}
}

// inState waits until the state file has a text, n times or more.
func (s *server) inState(n int, text string) {
	s.Helper()
	eventually(s.T, "the state file has "+text, func() bool {
		content, err := os.ReadFile(filepath.Join(s.vars["dir"], "state"))
		return err == nil && strings.Count(string(content), text) >= n
	})
}

// withState begins a Corefile with an API and a state file.
const withState = `
	example.org:$dns {
		bind $ip
		failover {
			api $ip:$api
			state $dir/state
		}
`

// After a kill the very first answer comes from the pool that was active, and not from a
// dead one: whether its addresses are in the Corefile, or of a host name, or of the next
// plugins, or below a wildcard.
func TestNoDeadPrimaryAfterAKill(t *testing.T) {
	t.Parallel()
	targets := newTargets(t, 2)
	s := prepare(t, vars{"a": targets[0].ip, "b": targets[1].ip, "web": targets[0].port})
	s.write("zone", zoneFile+"lb A $a\nnext A $a\nhost A $a\n*.apps A $a\n")
	record := func(name, primary string) string {
		return "record " + name + " {\nprimary " + primary + "\nsecondary $b\ncheck http :$web {\nhost example.org\n" + fast + "}\n}\n"
	}
	corefile := withState + "failover {\n" + record("app", "$a") + record("host", "lb.example.org") + record("next", "next") +
		record("*.apps", "next") + record("alias", "lb.example.org {\nas cname\n}") + "}\nfile zone\n}"
	names := []string{"app", "host", "next", "x.apps", "alias"}
	s.serve(corefile)
	expect := func(s *server, ip string) {
		t.Helper()
		for _, name := range names {
			becomes(t, name, aRecords(ip), func() string {
				return strings.TrimPrefix(s.ask(name+".example.org", "A"), "CNAME lb.example.org. ")
			})
		}
	}
	expect(s, targets[0].ip)
	targets[0].sick()
	expect(s, targets[1].ip)
	for range 3 { // at once, so that the second may know nothing but what the first has left
		s.inState(len(names), `"state":"down"`)
		s.kill()
		s = s.again()
		s.serve(corefile)
		for _, name := range names {
			if got := s.ask(name+".example.org", "A"); got != aRecords(targets[1].ip) {
				t.Errorf("the first answer for %s is %s", name, got)
			}
		}
	}
	targets[0].well()
	expect(s, targets[0].ip)
}

// kills is how often the test kills the server: more often with FAILOVER_KILLS.
func kills(t *testing.T) int {
	n := 20
	if text := os.Getenv("FAILOVER_KILLS"); text != "" {
		if _, err := fmt.Sscan(text, &n); err != nil {
			t.Fatal(err)
		}
	}
	return n
}

// No override that was acknowledged is lost, and none that was removed comes back, whenever
// the process is killed.
func TestNoOverrideIsLost(t *testing.T) {
	t.Parallel()
	s := prepare(t, nil)
	corefile := withState + "failover {\nrecord www {\nprimary 192.0.2.1\ncheck none\n}\n}\n}"
	s.write("Corefile", corefile)
	want := map[string]bool{}  // the overrides that must be there
	maybe := map[string]bool{} // those of requests without an answer
	next := 0
	for i := range kills(t) {
		s = s.again()
		s.launch("sh", "-c", deaf+`exec "$@"`, "sh", binary, "-conf", "Corefile", "-dns.port", s.vars.expand(t, "$dns"))
		s.wantOverridden(want, maybe)
		killed := time.AfterFunc(time.Duration(i%23)*7*time.Millisecond, func() { s.cmd.Process.Kill() })
		for alive := true; alive; next++ {
			alive = s.overrideNext(next, want, maybe)
		}
		killed.Stop()
		s.kill()
		if strings.Contains(s.log.String(), ".bad") {
			t.Fatalf("half a file:\n%s", s.log.String())
		}
	}
	t.Logf("%d requests", next)
}

// overrideNext drains an address, or removes an override. It returns false if there is no
// answer.
func (s *server) overrideNext(n int, want, maybe map[string]bool) bool {
	s.Helper()
	if n%3 == 2 {
		for id := range want {
			delete(want, id)
			maybe[id] = true
			status, text := s.operate("DELETE", "/v1/overrides/"+id, "")
			if status == 0 {
				return false
			}
			if delete(maybe, id); status != http.StatusNoContent {
				s.Fatalf("DELETE: %d %s", status, text)
			}
			return true
		}
	}
	addr := fmt.Sprintf("10.0.%d.%d", n/250, n%250)
	status, text := s.operate("POST", "/v1/overrides", `{"changes":[{"address":"`+addr+`","action":"drain","reason":"test","forever":true}]}`)
	if status == 0 {
		return false
	}
	var a struct{ Overrides []struct{ ID string } }
	if err := json.Unmarshal([]byte(text), &a); err != nil || status != http.StatusOK {
		s.Fatalf("POST: %d %s", status, text)
	}
	want[a.Overrides[0].ID] = true
	return true
}

// wantOverridden checks the overrides of a new process, and learns which of those without
// an answer have been set, or removed.
func (s *server) wantOverridden(want, maybe map[string]bool) {
	s.Helper()
	status, text := s.operate("GET", "/v1/overrides", "")
	var list struct{ Overrides []struct{ ID string } }
	if err := json.Unmarshal([]byte(text), &list); err != nil || status != http.StatusOK {
		s.Fatalf("%d %s", status, text)
	}
	lost := map[string]bool{}
	for id := range want {
		lost[id] = true
	}
	unknown := 0
	for _, o := range list.Overrides {
		if !want[o.ID] && !maybe[o.ID] {
			unknown++ // the one whose request had no answer
		}
		delete(lost, o.ID)
		want[o.ID] = true
	}
	clear(maybe)
	if len(lost) > 0 || unknown > 1 {
		s.Fatalf("lost are %v, and %d come back:\n%s", lost, unknown, text)
	}
}

// What an operator did, and what happened, is as it was after a restart: a freeze, a hold,
// the events.
func TestRestartForgetsNothing(t *testing.T) {
	t.Parallel()
	targets := newTargets(t, 2)
	s := prepare(t, vars{"a": targets[0].ip, "b": targets[1].ip, "web": targets[0].port})
	pools := "primary $a\nsecondary $b\ncheck http :$web {" + fast + "}\n"
	corefile := withState + "failover {\nrecord held {\n" + pools + "failback manual\n}\nrecord frozen {\n" + pools + "}\nrecord used {\n" + pools + "}\n}\n}"
	s.serve(corefile)
	ask := func(name string) func() string { return func() string { return s.ask(name+".example.org", "A") } }
	for _, name := range []string{"held", "frozen", "used"} {
		becomes(t, name, aRecords(targets[0].ip), ask(name))
	}
	s.override(`"record":"frozen.example.org"`, "freeze")
	s.override(`"record":"used.example.org","pool":"secondary"`, "pool")
	targets[0].sick()
	becomes(t, "held", aRecords(targets[1].ip), ask("held"))
	targets[0].well()
	eventually(t, "the primary is up", func() bool {
		_, text := s.operate("GET", "/v1/events", "")
		return strings.Contains(text, `"from":"down","to":"up"`)
	})
	_, events := s.operate("GET", "/v1/events", "")
	for _, end := range []func(*server){(*server).stop, (*server).kill} {
		s.inState(1, `"held":true`)
		s.inState(1, `"from":"down","to":"up"`)
		end(s)
		s = s.again()
		s.serve(corefile)
		for name, ip := range map[string]string{"held": targets[1].ip, "frozen": targets[0].ip, "used": targets[1].ip} {
			if got := s.ask(name+".example.org", "A"); got != aRecords(ip) {
				t.Errorf("%s is answered with %s", name, got)
			}
		}
		_, text := s.operate("GET", "/v1/events", "")
		if common := strings.TrimSuffix(strings.TrimSpace(events), "]}"); !strings.HasPrefix(text, common) {
			t.Errorf("the events were\n%s\nand are\n%s", events, text)
		}
	}
	if status, text := s.operate("POST", "/v1/records/held.example.org/release", ""); status != http.StatusOK {
		t.Errorf("%d %s", status, text)
	}
	becomes(t, "held", aRecords(targets[0].ip), ask("held"))
	s.kill() // which the release outlasts
	s = s.again()
	s.serve(corefile)
	if got := s.ask("held.example.org", "A"); got != aRecords(targets[0].ip) {
		t.Errorf("after the release held is answered with %s", got)
	}
}

// A second process on one file is refused, at the start and in a reload, with the line.
func TestStateOfAnotherProcess(t *testing.T) {
	t.Parallel()
	s := start(t, withState+"}", nil)
	other := prepare(t, vars{"file": s.vars["dir"] + "/state"})
	const with, without = "example.org:$dns {\nbind $ip\nfailover {\nstate $file\n}\nwhoami\n}", "example.org:$dns {\nbind $ip\nwhoami\n}"
	other.write("Corefile", with)
	out, err := runServer(other)
	if want := "Corefile:4 - Error during parsing: state " + other.vars["file"] + ": another process has it"; err == nil || !strings.Contains(out, want) {
		t.Errorf("it starts with %v, want %q:\n%s", err, want, out)
	}
	other.serve(without)
	if out := other.reloadFails(with); !strings.Contains(out, "another process has it") {
		t.Errorf("a reload says\n%s", out)
	}
	s.kill()
	other.reload(with)
}

// runServer runs a server that is to end by itself, and returns its output.
func runServer(s *server) (string, error) {
	cmd := exec.Command(binary, "-conf", "Corefile", "-dns.port", s.vars.expand(s.T, "$dns"))
	cmd.Dir = s.vars["dir"]
	stop := time.AfterFunc(patience, func() { cmd.Process.Kill() })
	defer stop.Stop()
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// The file has no secret, and nobody else may read it.
func TestStateIsPrivate(t *testing.T) {
	t.Parallel()
	s := prepare(t, nil)
	s.write("token", "t0psecret2")
	s.serve(`
	example.org:$dns {
		bind $ip
		failover {
			api $ip:$api {
				token t0psecret1
				token file:$dir/token read
			}
			state $dir/state
		}
		failover www.example.org {
			primary $ip
			check http :$closed/ {
				basic_auth user t0psecret3
				header X-Key t0psecret5
				` + fast + `
			}
		}
	}`)
	s.inState(1, `"to":"down"`)
	path := filepath.Join(s.vars["dir"], "state")
	for _, name := range []string{path, path + ".lock"} {
		if info, err := os.Stat(name); err != nil || info.Mode() != 0o600 {
			t.Errorf("%s: mode %v, %v", name, info.Mode(), err)
		}
	}
	text, err := os.ReadFile(path)
	if err != nil || bytes.Contains(text, []byte("t0psecret")) {
		t.Errorf("there is a secret in it, %v:\n%s", err, text)
	}
}

// A file that cannot be read is set aside.
func TestStateThatIsBad(t *testing.T) {
	t.Parallel()
	s := prepare(t, nil)
	kit.Write(t, filepath.Join(s.vars["dir"], "state"), `{"format":2}`)
	s.serve(withState + "whoami\n}")
	s.waitFor("[WARNING] plugin/failover: state: ")
	s.waitFor("state.bad from now on: expected format 1, and it is 2")
}
