package peers

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// As the first process of a container, the server inherits the orphans of programs. None of
// them stays a zombie.
func TestZombies(t *testing.T) {
	sh := find(t, "sh")
	for name, text := range map[string]string{
		"killed": "sleep 1000 & sleep 1000 | cat & sleep 1000",
		"ended":  "sleep 1000 >/dev/null 2>&1 & (sleep 0.01 & sleep 0.02) >/dev/null 2>&1 & sleep 0.01; exit 1",
	} {
		t.Run(name, func(t *testing.T) {
			d := dir(t)
			script := write(t, d+"/script", fmt.Sprintf("echo >>%s/runs\n%s\n", d, text))
			s := runServer(t, fmt.Sprintf(`example.org:$port {
	failover app.example.org {
		primary 127.0.0.1
		check exec %s %s {
			interval 50ms
			timeout 50ms
		}
	}
}
`, sh, script), firstProcess)
			s.becomes(t, "50 runs", func() string {
				if text, _ := os.ReadFile(d + "/runs"); len(text) < 50 {
					return fmt.Sprint(len(text), " runs")
				}
				return "50 runs"
			})
			s.becomes(t, "few", func() string { // one may just have ended
				if n := zombies(t, s.cmd.Process.Pid); n > 3 {
					return fmt.Sprint(n, " zombies")
				}
				return "few"
			})
		})
	}
}

// firstProcess returns a command that is process 1 of its namespace.
func firstProcess(path string, args ...string) *exec.Cmd {
	cmd := command(path, args...)
	cmd.SysProcAttr.Cloneflags = syscall.CLONE_NEWPID
	if os.Getuid() != 0 {
		cmd.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
	}
	return cmd
}

// zombies returns how many zombies a process has.
func zombies(t *testing.T, parent int) (n int) {
	t.Helper()
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range stats {
		text, _ := os.ReadFile(path) // empty if the process has ended meanwhile
		_, rest, _ := strings.Cut(string(text), ") ")
		if f := strings.Fields(rest); len(f) > 1 && f[0] == "Z" && f[1] == strconv.Itoa(parent) {
			n++
		}
	}
	return n
}
