package test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestReadme starts each Corefile of the README, in a network of its own: the
// examples listen where CoreDNS does, and nothing that they ask is reached.
func TestReadme(t *testing.T) {
	t.Parallel()
	corefiles := examples(t)
	for i, corefile := range corefiles {
		t.Run(fmt.Sprint(i+1), func(t *testing.T) {
			t.Parallel()
			isolated := isolation(t)
			s := prepare(t, nil)
			if !strings.Contains(corefile, "failover") {
				t.Error("the example does not show the plugin")
			}
			writeExampleFiles(s)
			s.write("Corefile", corefile)
			s.launch("unshare", isolated, "sh", "-c", deaf+`ip link set lo up && exec "$@"`, "sh", binary, "-conf", "Corefile")
			if !strings.Contains(listeners(t, s.cmd.Process.Pid), ":0035 ") {
				t.Error("nobody listens on port 53")
			}
		})
	}
}

// examples are the blocks of the README that are marked corefile.
func examples(t *testing.T) []string {
	t.Helper()
	readme, err := os.ReadFile(filepath.Join(repository, "README.md"))
	if err != nil {
		t.Fatalf("there is no README to take examples from: %v", err)
	}
	var corefiles []string
	fence := ""
	for line := range strings.Lines(string(readme)) {
		switch text := strings.TrimSpace(line); {
		case fence == "" && (text == "``` corefile" || text == "~~~ corefile"):
			fence = text[:3]
			corefiles = append(corefiles, "")
		case fence != "" && text == fence:
			fence = ""
		case fence != "":
			corefiles[len(corefiles)-1] += line
		}
	}
	if len(corefiles) == 0 || fence != "" {
		t.Fatalf("README.md has %d blocks marked corefile, and the last is closed: %t", len(corefiles), fence == "")
	}
	return corefiles
}

// isolation returns the option with which unshare may make a network, or skips.
func isolation(t *testing.T) string {
	t.Helper()
	if _, err := exec.LookPath("ip"); err != nil {
		t.Skipf("ip is not installed: %v", err)
	}
	option := "-n"
	if os.Getuid() != 0 {
		option = "-rn"
	}
	if out, err := exec.CommandContext(t.Context(), "unshare", option, "ip", "link", "set", "lo", "up").CombinedOutput(); err != nil {
		t.Skipf("unshare may not make a network of its own: %v: %s", err, out)
	}
	return option
}

// writeExampleFiles makes the files that examples mention.
func writeExampleFiles(s *server) {
	a := newAuthority(s.T, s.vars["dir"])
	for _, name := range []string{"cert", "server", "client", "key"} {
		a.sign(name, time.Hour, "example.org")
	}
	s.newKey("example.org.")
	s.write("db.example.org", strings.ReplaceAll("$ORIGIN example.org.\n"+zoneFile, "$TTL", "$"+"TTL"))
	s.write("token", "t0ken")
}

// listeners are the UDP sockets in the network of a process.
func listeners(t *testing.T, pid int) string {
	t.Helper()
	var all string
	for _, name := range []string{"udp", "udp6"} {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/net/%s", pid, name))
		if err != nil {
			t.Fatal(err)
		}
		all += string(text)
	}
	return all
}
