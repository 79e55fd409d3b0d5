package test

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// onTmpfs starts a server whose state file is on a file system of its own in $dir/disk. It
// returns a function that runs a command where that is seen.
func onTmpfs(t *testing.T, s *server, corefile string) (inside func(command ...string)) {
	t.Helper()
	if out, err := exec.Command("unshare", "-m", "mount", "-t", "tmpfs", "none", "/mnt").CombinedOutput(); err != nil {
		t.Skipf("nothing can be mounted here: %v: %s", err, out)
	}
	disk := filepath.Join(s.vars["dir"], "disk")
	if err := os.Mkdir(disk, 0o700); err != nil {
		t.Fatal(err)
	}
	s.write("Corefile", strings.ReplaceAll(corefile, "$dir/state", "$dir/disk/state"))
	s.launch("unshare", "-m", "sh", "-c", deaf+`mount -t tmpfs -o size=256k none "$1" && shift && exec "$@"`,
		"sh", disk, binary, "-conf", "Corefile", "-dns.port", s.vars.expand(t, "$dns"))
	return func(command ...string) {
		t.Helper()
		args := append([]string{"-t", fmt.Sprint(s.cmd.Process.Pid), "-m"}, command...)
		if out, err := exec.Command("nsenter", args...).CombinedOutput(); err != nil {
			t.Fatalf("%v: %v: %s", command, err, out)
		}
	}
}

// twoPools is a record beside the API and the state file.
const twoPools = withState + `
		failover www.example.org {
			primary $a
			secondary $b
			check http :$web {` + fast + `}
		}
		prometheus $ip:$metrics
	}`

// While the disk is full, or read-only, all goes on but what must be on disk. That is
// refused, said once, counted, and taken when the disk can be written again.
func TestStateOnABadDisk(t *testing.T) {
	for name, tc := range map[string]struct{ spoil, mend []string }{
		"full": {
			[]string{"sh", "-c", "dd if=/dev/zero of=$0/filler bs=1k 2>/dev/null || true"}, []string{"sh", "-c", "rm $0/filler"},
		},
		"read-only": {[]string{"sh", "-c", "mount --bind $0 $0 && mount -o remount,bind,ro $0"}, []string{"umount"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			targets := newTargets(t, 2)
			s := prepare(t, vars{"a": targets[0].ip, "b": targets[1].ip, "web": targets[0].port})
			inside := onTmpfs(t, s, twoPools)
			disk := filepath.Join(s.vars["dir"], "disk")
			ask := func() string { return s.ask("www.example.org", "A") }
			becomes(t, "before", aRecords(targets[0].ip), ask)
			kept := s.override(`"address":"10.0.0.1"`, "drain")
			inside(append(tc.spoil, disk)...)
			stop := always(t, func() {
				if got := ask(); got != aRecords(targets[0].ip) && got != aRecords(targets[1].ip) {
					t.Errorf("answered with %s", got)
				}
			})
			const drain = `{"changes":[{"address":"10.0.0.2","action":"drain","reason":"test"}]}`
			for range 3 {
				if status, text := s.operate("POST", "/v1/overrides", drain); status != http.StatusServiceUnavailable {
					t.Errorf("POST: %d %s", status, text)
				}
			}
			if status, text := s.operate("DELETE", "/v1/overrides/"+kept, ""); status != http.StatusServiceUnavailable {
				t.Errorf("DELETE: %d %s", status, text)
			}
			if _, text := s.operate("GET", "/v1/overrides", ""); !strings.Contains(text, kept) || strings.Contains(text, "10.0.0.2") {
				t.Errorf("the overrides are %s", text)
			}
			targets[0].sick()
			becomes(t, "a failover", aRecords(targets[1].ip), ask)
			s.reload(s.corefile())
			stop()
			const failed = "cannot be written, a restart would forget"
			if n := s.log.count(failed); n != 1 {
				t.Errorf("it is said %d times", n)
			}
			if n := s.metric("coredns_failover_state_errors_total"); n < 4 {
				t.Errorf("%v failures are counted", n)
			}
			inside(append(tc.mend, disk)...)
			s.waitFor("disk/state can be written again")
			if status, text := s.operate("POST", "/v1/overrides", drain); status != http.StatusOK {
				t.Errorf("POST: %d %s", status, text)
			}
		})
	}
}

// metric returns the value of a metric without labels.
func (s *server) metric(name string) (value float64) {
	s.Helper()
	resp, err := http.Get("http://" + s.addr("metrics") + "/metrics")
	if err != nil {
		s.Fatal(err)
	}
	defer resp.Body.Close()
	for {
		var line string
		var n float64
		if _, err := fmt.Fscanf(resp.Body, "%s %g\n", &line, &n); err == nil && line == name {
			return n
		} else if err != nil && err.Error() == "EOF" {
			return 0
		}
	}
}

// A disk that takes 20 s for each write holds up no answer, no probe, and a
// reload not for long.
func TestStateOnASlowDisk(t *testing.T) {
	t.Parallel()
	if out, err := exec.Command("strace", "-f", "-e", "trace=fsync", "true").CombinedOutput(); err != nil {
		t.Skipf("strace, which makes a disk slow here, does not work: %v: %s", err, out)
	}
	targets := newTargets(t, 2)
	s := prepare(t, vars{"a": targets[0].ip, "b": targets[1].ip, "web": targets[0].port})
	s.write("Corefile", twoPools)
	s.launch("sh", "-c", deaf+`exec "$@"`, "sh", "strace", "-D", "-f", "--seccomp-bpf", "-o", "/dev/null",
		"-e", "trace=fsync", "-e", "inject=fsync:delay_enter=20s:when=3+", // after the start
		binary, "-conf", "Corefile", "-dns.port", s.vars.expand(t, "$dns"))
	ask := func() string { return s.ask("www.example.org", "A") }
	becomes(t, "before", aRecords(targets[0].ip), ask)
	stop := always(t, func() {
		began := time.Now()
		if got := ask(); got != aRecords(targets[0].ip) && got != aRecords(targets[1].ip) {
			t.Errorf("answered with %s", got)
		}
		if took := time.Since(began); took > 10*time.Second {
			t.Errorf("an answer took %s", took)
		}
	})
	const drain = `{"changes":[{"address":"10.0.0.2","action":"drain","reason":"test"}]}`
	within := func(what string, most time.Duration, f func()) {
		t.Helper()
		began := time.Now()
		f()
		if took := time.Since(began); took > most {
			t.Errorf("%s took %s, want %s at most", what, took, most)
		}
	}
	targets[0].sick()
	becomes(t, "a failover", aRecords(targets[1].ip), ask)
	within("a refusal", 12*time.Second, func() {
		eventually(t, "an override is refused", func() bool {
			status, _ := s.operate("POST", "/v1/overrides", drain)
			return status == http.StatusServiceUnavailable
		})
	})
	hits := targets[1].hits.Load()
	within("a reload", 12*time.Second, func() { s.reload(s.corefile()) })
	eventually(t, "probes go on", func() bool { return targets[1].hits.Load() > hits })
	stop()
}
