package test

import (
	"errors"
	"os/exec"
	"os/user"
	"regexp"
	"strings"
	"testing"
	"time"
)

// An operator takes a machine out of service, sees that, and puts it back.
func TestOperate(t *testing.T) {
	t.Parallel()
	s := startCtlSite(t)
	s.waitFor(s.primary.ip + ": unknown -> up")
	s.waitFor(s.secondary.ip + ": unknown -> up")
	contains(t, s.ctl(0, "status"), "3 records: 3 ok, 0 failed over, 0 degraded\n", "app.example.org.     ok     primary  1/1 ", "*.apps.example.org.  ok")

	contains(t, s.ctl(0, "down", s.primary.ip, "--reason", "new disk", "--dry-run"), "nothing is changed",
		"before  ok, pool primary: "+s.primary.ip, "after   failed_over, pool secondary: "+s.secondary.ip)
	s.is(s.primary)
	id := s.change("down", s.primary.ip, "--reason", "new disk")
	s.is(s.secondary)
	contains(t, s.ctl(0, "status", "app.example.org"), "failed_over since", "override "+id+": down "+s.primary.ip, "new disk", "probes say up", "standby "+s.secondary.ip)
	u, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	contains(t, s.ctl(0, "overrides"), id+"  down    in ", "  "+s.primary.ip+"\n    new disk (loopback "+u.Username+", ")
	contains(t, s.ctl(1, "down", "app.example.org/secondary", "--reason", "R"), "--force does it all the same", "after   degraded, pool none: ")
	s.is(s.secondary)

	forced := s.change("down", "app.example.org/secondary", "--reason", "R", "--force")
	contains(t, s.ctl(1, "status", "--exit-code"), "app.example.org.     degraded", "failoverctl: degraded: app.example.org.\n")
	s.ctl(0, "status", "job.example.org", "--exit-code")
	s.ctl(0, "remove", forced, id)
	s.is(s.primary)
	contains(t, s.ctl(2, "remove", id), `there is no override "`+id+`"`)
	contains(t, s.ctl(2, "status", "ap.example.org"), "there is no record ap.example.org.; did you mean app.example.org?")
	contains(t, s.ctl(2, "drain", "app.example.org/first", "--reason", "R"), "it has the pools primary, secondary")

	use := s.change("use", "app.example.org/secondary", "--reason", "R", "--forever")
	s.is(s.secondary)
	contains(t, s.ctl(0, "overrides"), use+"  pool    never  ")
	s.ctl(0, "remove", use)
	wildcard := s.change("freeze", "*.apps.example.org", "--reason", "R")
	contains(t, s.ctl(0, "status", "*.apps.example.org"), "override "+wildcard+": freeze *.apps.example.org.")
	contains(t, s.ctl(0, "events"), "pool      app.example.org.: primary -> secondary", "override  "+s.primary.ip+": down: new disk (loopback "+u.Username)
	contains(t, s.ctl(0, "events", "--record", "*.apps.example.org", "-n", "1"), "*.apps.example.org.: freeze: R")
}

// What is explained is what dig gets, for the client that is named.
func TestOperateExplain(t *testing.T) {
	t.Parallel()
	s := startCtlSite(t)
	s.waitFor(s.primary.ip + ": unknown -> up")
	out := s.ctl(0, "explain", "x.apps.example.org", "a", "--client", "192.0.2.1")
	contains(t, out, "x.apps.example.org. A asked by 192.0.2.1 at dns://"+s.addr("dns")+":\n", "NOERROR, TTL 7, by the record *.apps.example.org.",
		"x.apps.example.org. 7 IN A "+s.primary.ip, "min_healthy  primary")
	s.change("down", s.primary.ip, "--reason", "new disk")
	contains(t, s.ctl(0, "explain", "app.example.org"), "app.example.org. 7 IN A "+s.secondary.ip, "new disk")
	contains(t, s.ctl(0, "explain", "app.example.org", "AAAA"), "no AAAA records (NODATA)")
	contains(t, s.ctl(2, "explain", "ap.example.org"), "did you mean app.example.org?")
}

// What -o json prints is what the API answers.
func TestOperateJSON(t *testing.T) {
	t.Parallel()
	s := startCtlSite(t)
	s.change("freeze", "app.example.org", "--reason", "R")
	for args, path := range map[string]string{"overrides": "/v1/overrides", "events --record app.example.org": "/v1/events?record=app.example.org."} {
		_, want := s.get("http://" + s.addr("api") + path)
		if got := s.ctl(0, append(strings.Fields(args), "-o", "json")...); got != want {
			t.Errorf("%s: got %s, want %s", args, got, want)
		}
	}
	// The times of probes change between two answers.
	times := regexp.MustCompile(`"last":\{[^}]*\}|"since":"[^"]*"|"reason":"[^"]*"|"(healthy|streak|state|probed)":[^,]*`)
	for args, path := range map[string]string{"status": "/v1/records", "status app.example.org": "/v1/records/app.example.org"} {
		_, want := s.get("http://" + s.addr("api") + path)
		if got := s.ctl(0, append(strings.Fields(args), "-o", "json")...); times.ReplaceAllString(got, "") != times.ReplaceAllString(want, "") {
			t.Errorf("%s: got %s, want %s", args, got, want)
		}
	}
	contains(t, s.ctl(2, "status", "x", "-o", "json"), `{"title":"Not Found","status":404,`)
	contains(t, s.ctl(1, "release", "job.example.org", "-o", "json"), `{"title":"Conflict","status":409,`)
}

// A drill lasts until it is interrupted or its time is up. All is as before then.
func TestDrill(t *testing.T) {
	t.Parallel()
	s := startCtlSite(t)
	s.waitFor(s.primary.ip + ": unknown -> up")
	d := s.startCtl("drill", "app.example.org")
	d.waitFor(t, "in effect dns://"+s.addr("dns")+": failed_over, pool secondary: "+s.secondary.ip)
	s.is(s.secondary)
	contains(t, s.ctl(1, "drill", "app.example.org"), "has the override ", "drill) already")
	d.interrupt(t)
	s.is(s.primary)
	contains(t, d.out.String(), "before dns://"+s.addr("dns")+": ok, pool primary: "+s.primary.ip, " after the call", "interrupted, all is put back", "ok, pool primary: "+s.primary.ip+", since ")
	contains(t, s.ctl(0, "overrides"), "There are no overrides.")

	contains(t, s.ctl(0, "drill", "app.example.org", "--for", "1s"), "its time is up", "now dns://"+s.addr("dns")+": ok, pool primary: "+s.primary.ip)
	s.is(s.primary)
	// A drill whose failoverctl is killed ends as well.
	killed := s.startCtl("drill", "app.example.org", "--for", "2s")
	killed.waitFor(t, "in effect")
	killed.Process.Kill()
	killed.Wait()
	s.answersFrom(s.primary)

	s.secondary.sick()
	s.waitFor("of " + s.secondary.ip + ": up -> down")
	contains(t, s.ctl(1, "drill", "app.example.org"), "is not drilled: no other pool is healthy (pool primary answers)")
}

// A hold is released, and a heartbeat beats.
func TestReleaseAndBeat(t *testing.T) {
	t.Parallel()
	s := startCtlSite(t)
	job := func(want *target) {
		t.Helper()
		becomes(t, "the answer", aRecords(want.ip), func() string { return s.ask("job.example.org", "A") })
	}
	job(s.primary)
	contains(t, s.ctl(1, "release", "job.example.org"), "no pool of job.example.org is held back")
	contains(t, s.ctl(2, "beat", "weekly"), `no check has the heartbeat "weekly"`)
	for range 10 { // as many as make it down
		s.ctl(0, "beat", "nightly", "--fail", "the disk is full")
	}
	job(s.secondary)
	contains(t, s.ctl(0, "status", "job.example.org"), "the disk is full")
	if out := s.ctl(0, "beat", "nightly"); out != "" {
		t.Errorf("a beat prints %q", out)
	}
	eventually(t, "the primary is held back", func() bool {
		return strings.Contains(flat(s.ctl(0, "status", "job.example.org")), "\nprimary up 1/1")
	})
	contains(t, s.ctl(0, "status"), "pool primary is held back (failback manual)")
	contains(t, s.ctl(0, "release", "job.example.org"), "job.example.org.: ok, pool primary since ")
	job(s.primary)
}

// Who follows events or watches records goes on when the server has been started again.
func TestFollowOverRestart(t *testing.T) {
	t.Parallel()
	s := startCtlSite(t)
	s.waitFor(s.primary.ip + ": unknown -> up")
	events, watch := s.startCtl("events", "-f", "-o", "json"), s.startCtl("watch")
	watch.waitFor(t, "app.example.org.: ok, pool primary, 1/1 healthy\n")
	s.change("use", "app.example.org/secondary", "--reason", "R1")
	events.waitFor(t, `"reason":"R1"`)
	watch.waitFor(t, "app.example.org.: failed_over, pool secondary, 1/1 healthy: override: R1\n")
	s.restart()
	events.waitFor(t, "trying again")
	id := s.change("freeze", "app.example.org", "--reason", "R2")
	events.waitFor(t, `"reason":"R2"`)
	s.ctl(0, "remove", id)
	watch.waitFor(t, "app.example.org.: ok, pool primary, 1/1 healthy\n")
	events.interrupt(t)
	watch.interrupt(t)
	if n := events.out.count(`"reason":"R1"`); n != 1 {
		t.Errorf("R1 is told %d times:\n%s", n, events.out)
	}
}

// restart ends the server and starts it again.
func (s *server) restart() {
	s.Helper()
	s.stop()
	s.done = make(chan struct{})
	s.log.Reset()
	s.serve(s.corefile())
}

// failoverctl gets in with a token or a certificate, and says which was wrong.
func TestCredentials(t *testing.T) {
	t.Parallel()
	s := prepare(t, nil)
	newAuthority(t, s.vars["dir"]).sign("server", time.Hour, "localhost", "dns.example.org")
	s.write("token", "s3cret\n")
	s.write("reads", "r3ads\n")
	s.write("wrong", "wr0ng\n")
	s.serve(`
		example.org:$dns {
			bind $ip
			failover {
				api localhost:$api {
					token file:token
					token file:reads read
					tls server.pem server.key ca.pem
				}
				record app {
					primary 192.0.2.10
					check none
				}
			}
		}`)
	api := s.vars.expand(t, "localhost:$api")
	for args, want := range map[string]string{
		"--api https://" + api + " --ca ca.pem --token-file token":         "1 record: 1 ok",
		"--api " + api + " --ca ca.pem --cert server.pem --key server.key": "1 record: 1 ok",
		"--api " + api + " --ca ca.pem --token-file reads":                 "1 record: 1 ok",
		"--api " + api + " --ca ca.pem --token-file wrong":                 "the API at " + api + " does not know the token in wrong",
		"--api " + api + " --ca ca.pem":                                    "the API at " + api + " wants a token or a client certificate",
		"--api " + api + " --token-file token":                             "the API at " + api + " speaks TLS: use https://" + api,
		"--api https://" + api + " --token-file token":                     "certificate signed by unknown authority: --ca has the authorities",
		"--api 127.0.0.1:1":                                                `no answer from the API at 127.0.0.1:1: dial tcp 127.0.0.1:1: connect: connection refused: is the server running, with "api 127.0.0.1:1" in its Corefile?`,
	} {
		status := 2
		if strings.HasPrefix(want, "1 record") {
			status = 0
		}
		contains(t, s.ctl(status, strings.Fields("status "+args)...), want)
	}
	contains(t, s.ctl(2, strings.Fields("freeze app.example.org --reason R --ca ca.pem --token-file reads --api "+api)...), "does not allow it", "the token is that of reads")
}

// Colours are for terminals, unless NO_COLOR is set. A watch on one draws over what it drew.
func TestTerminal(t *testing.T) {
	t.Parallel()
	script, err := exec.LookPath("script")
	if err != nil {
		t.Skipf("script is not installed: %v", err)
	}
	s := startCtlSite(t)
	const green = "\x1b[32mok\x1b[0m"
	for _, c := range []struct {
		command, environment string
		is, want             string
	}{
		{"status", "TERM=xterm", "coloured", green},
		{"status", "NO_COLOR=1", "plain", "  ok  "},
		{"status", "TERM=dumb", "plain", "  ok  "},
		{"watch", "TERM=xterm", "drawn", "\x1b[H"},
		{"watch", "TERM=dumb", "lines", ": ok, pool primary, "},
	} {
		ctl := s.failoverctl()
		cmd := exec.CommandContext(t.Context(), script, "-qec", "timeout -s INT 5 "+ctl.Path+" "+c.command, "/dev/null")
		cmd.Dir, cmd.Env = ctl.Dir, append(ctl.Env, "TERM=xterm", c.environment)
		out, err := cmd.Output()
		if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
			t.Fatal(err)
		}
		contains(t, string(out), c.want)
		if hasEscapes := strings.Contains(string(out), "\x1b"); hasEscapes != (c.is == "coloured" || c.is == "drawn") {
			t.Errorf("%s with %s: %q", c.command, c.environment, out)
		}
	}
	if out := s.ctl(0, "status"); strings.Contains(out, "\x1b") {
		t.Errorf("without a terminal: %q", out)
	}
}
