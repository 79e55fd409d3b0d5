//go:build linux

package probe

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/test/kit"
)

// shell returns a check that runs text in a shell.
func shell(text string) Exec { return Exec{Path: "/bin/sh", Args: "-c\x00" + text} }

func TestExec(t *testing.T) {
	tests := []struct {
		script, want string
		unknown      bool
	}{
		{"exit 0", "", false},
		{"echo fine; echo well >&2", "", false},
		{"exit 1", "exit status 1", false},
		{"echo 'disk full'; echo more; exit 2", "exit status 2: disk full", false},
		{"echo 'on stderr' >&2; exit 2", "exit status 2: on stderr", false},
		{"printf '\\033[31mred\\033[0m\\r\\n'; exit 2", "exit status 2: ?[31mred?[0m", false},
		{"head -c 100000 /dev/zero | tr '\\0' x; exit 2", "exit status 2: " + strings.Repeat("x", maxExcerpt) + "...", false},
		{"echo 'no licence'; exit 3", "exit status 3: no licence", true},
		{"kill -SEGV $$", "signal: segmentation fault", false},
		{"cat", "", false}, // its input is empty
		{"nosuchprogram", "exit status 127: ", false},
	}
	for _, tc := range tests {
		err := ask(t, shell(tc.script).Prober(), "192.0.2.1")
		kit.WantError(t, err, tc.want)
		if errors.Is(err, healthcheck.ErrInconclusive) != tc.unknown {
			t.Errorf("%s: unknown is %v, want %v", tc.script, !tc.unknown, tc.unknown)
		}
	}
}

func TestExecSees(t *testing.T) {
	t.Setenv("PATH", "/bin:/usr/bin")
	t.Setenv("HOME", "/home/me")
	t.Setenv("SECRET", "s3cret")
	check := Exec{
		Path: "/bin/sh", Args: "-c\x00env | grep ^[FHS] | sort | tr '\\n' ' '; echo \"$@\"; exit 1\x00x\x00a b\x00[{endpoint}]",
		Port: 8080, Record: "app.example.org.", Pool: "primary", Endpoint: "web1",
	}
	kit.WantError(t, ask(t, check.Prober(), "2001:db8::1"), "exit status 1: FAILOVER_ADDRESS=2001:db8::1 FAILOVER_ENDPOINT=web1 "+
		"FAILOVER_POOL=primary FAILOVER_PORT=8080 ")
	check.Endpoint = ""
	check.Args = "-c\x00echo $FAILOVER_ENDPOINT; exit 1"
	kit.WantError(t, ask(t, check.Prober(), "2001:db8::1"), "exit status 1: 2001:db8::1")
	check.Args = "-c\x00env | grep -v FAILOVER | cut -d= -f1 | sort | xargs; exit 1"
	kit.WantError(t, ask(t, check.Prober(), "2001:db8::1"), "exit status 1: HOME PATH PWD")
	check.Args = "-c\x00echo \"$#|$FAILOVER_PORT|$FAILOVER_RECORD|$2|$3\"; exit 1\x00x\x00a\x00b c\x00[{endpoint}]"
	check.Port = 0
	kit.WantError(t, ask(t, check.Prober(), "2001:db8::1"), "exit status 1: 3||app.example.org.|b c|[2001:db8::1]")
}

func TestExecThatCannotStart(t *testing.T) {
	for path, want := range map[string]string{
		"/nonexistent/program": "start program: no such file or directory",
		"/dev/null":            "start null: permission denied",
	} {
		err := ask(t, Exec{Path: path}.Prober(), "192.0.2.1")
		kit.WantError(t, err, want)
		if !errors.Is(err, healthcheck.ErrInconclusive) {
			t.Errorf("%v is not inconclusive", err)
		}
	}
}

// adopt makes orphaned descendants our children, as those of process 1 in a container are,
// and fails the test if one is left at its end.
func adopt(t *testing.T) {
	t.Helper()
	const prSetChildSubreaper = 36
	if _, _, errno := syscall.RawSyscall(syscall.SYS_PRCTL, prSetChildSubreaper, 1, 0); errno != 0 {
		t.Fatalf("prctl: %v", errno)
	}
	t.Cleanup(func() {
		syscall.RawSyscall(syscall.SYS_PRCTL, prSetChildSubreaper, 0, 0)
		if pid, err := syscall.Wait4(-1, nil, syscall.WNOHANG, nil); err != syscall.ECHILD {
			t.Errorf("a child is left: %d, %v", pid, err)
		}
	})
}

// A program is killed with its children, whatever they do. None is left, not even as a
// zombie.
func TestExecKillsTheGroup(t *testing.T) {
	tests := map[string]string{
		"sleeps":           "echo $$ >>$PIDS; exec sleep 1000",
		"ignores signals":  "trap '' TERM INT HUP; echo $$ >>$PIDS; while :; do sleep 1000; done",
		"forks":            "echo $$ >>$PIDS; for i in 1 2 3; do sleep 1000 & echo $! >>$PIDS; done; wait",
		"forks and ends":   "sleep 1000 & echo $! >>$PIDS; exit 0",
		"forks twice":      "(sleep 1000 & echo $! >>$PIDS; wait) & (trap '' TERM; sleep 1000) & wait",
		"fails and leaves": "sleep 1000 >/dev/null 2>&1 & echo $! >>$PIDS; exit 1",
		"floods":           "echo $$ >>$PIDS; cat /dev/zero & echo $! >>$PIDS; wait",
	}
	for name, text := range tests {
		t.Run(name, func(t *testing.T) {
			adopt(t)
			pids := filepath.Join(t.TempDir(), "pids")
			const timeout = 300 * time.Millisecond
			ctx, cancel := context.WithCancelCause(t.Context())
			defer cancel(nil)
			timedOut := make(chan time.Time, 1)
			go func() {
				for ctx.Err() == nil && !isWritten(pids) { // a program may take long to start
					time.Sleep(5 * time.Millisecond)
				}
				time.Sleep(timeout)
				timedOut <- time.Now()
				cancel(errors.New("no answer within 300ms"))
			}()
			err := shell("PIDS="+pids+"; "+text).Prober().Probe(ctx, kit.Loopback)
			want := "running sh: no answer within 300ms"
			switch {
			case strings.HasSuffix(text, "exit 0"):
				want = ""
			case strings.HasSuffix(text, "exit 1"):
				want = "exit status 1"
			}
			kit.WantError(t, err, want)
			select {
			case at := <-timedOut:
				if took := time.Since(at); took > pipeDelay+10*time.Second {
					t.Errorf("ends %v after its time", took)
				}
			default: // it ended by itself
			}
			wantGone(t, pids)
		})
	}
}

// isWritten reports whether file has any content.
func isWritten(file string) bool {
	info, err := os.Stat(file)
	return err == nil && info.Size() > 0
}

// wantGone fails the test if a process in file still exists.
func wantGone(t *testing.T, file string) {
	t.Helper()
	for _, pid := range readPIDs(t, file) {
		if err := syscall.Kill(pid, 0); err != syscall.ESRCH {
			t.Errorf("process %d is left: %v", pid, err)
		}
	}
}

func readPIDs(t *testing.T, file string) (pids []int) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for word := range strings.FieldsSeq(string(text)) {
		pid, err := strconv.Atoi(word)
		if err != nil {
			t.Fatal(err)
		}
		pids = append(pids, pid)
	}
	return pids
}

// A program that has left the process group is not killed. The probe does not wait for
// it, although it keeps the pipe open.
func TestExecDoesNotWaitForOtherGroups(t *testing.T) {
	pids := filepath.Join(t.TempDir(), "pids")
	start := time.Now()
	text := "PIDS=" + pids + "; setsid sh -c 'echo $$ >'$PIDS'; exec sleep 60' & until [ -s $PIDS ]; do sleep 0.01; done"
	kit.WantError(t, ask(t, shell(text).Prober(), "192.0.2.1"), "")
	if took := time.Since(start); took > 30*time.Second {
		t.Errorf("waits for %v", took)
	}
	for _, pid := range readPIDs(t, pids) {
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			t.Errorf("process %d, which has left, is gone: %v", pid, err)
		}
	}
}

func TestExecReleased(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	err := shell("sleep 1000 & wait").Prober().Probe(ctx, kit.Loopback)
	kit.WantError(t, err, "running sh: context canceled")
	if !errors.Is(err, healthcheck.ErrInconclusive) {
		t.Errorf("%v is not inconclusive", err)
	}
}

// A program that cannot be killed delays no probe, and no second one is started until it
// ends.
func TestExecThatIsStuck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hang, runs := make(chan struct{}), atomic.Int32{}
		p := Exec{Path: "/bin/sh"}.Prober().(*execProber)
		p.run = func(*exec.Cmd) error { runs.Add(1); <-hang; return nil }
		start := time.Now()
		kit.WantError(t, ask(t, p, "192.0.2.1"), "running sh: no answer within 5s")
		kit.WantError(t, ask(t, p, "192.0.2.1"), "running sh: an earlier one was killed and has not ended")
		if took := time.Since(start); runs.Load() != 1 || took != 5*time.Second+killDelay {
			t.Errorf("%d were started, the last result came after %v", runs.Load(), took)
		}
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		if err := p.Probe(ctx, kit.Loopback); !errors.Is(err, healthcheck.ErrInconclusive) {
			t.Errorf("one that is released: %v is not inconclusive", err)
		}
		close(hang)
		synctest.Wait()
		kit.WantError(t, ask(t, p, "192.0.2.1"), "")
		kit.WantError(t, ask(t, p, "127.0.0.1"), "")
	})
}
