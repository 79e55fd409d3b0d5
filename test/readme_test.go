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

// manual has the manual page and the pages that it links to.
var manual = []string{"README.md", "plugin/admin/README.md", "plugin/corefile/README.md", "healthcheck/README.md", "plugin/state/README.md"}

// Each Corefile of the manual starts. It runs in a network namespace of its own, because the
// examples listen on port 53 and probe addresses of others.
func TestReadme(t *testing.T) {
	t.Parallel()
	for _, e := range examples(t) {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			corefile := e.corefile
			isolated := isolation(t)
			s := prepare(t, nil)
			if !strings.Contains(corefile, "failover") {
				t.Error("the example does not show the plugin")
			}
			writeExampleFiles(s)
			s.write("Corefile", corefile)
			s.launch("unshare", isolated, "sh", "-c", deaf+`ip link set lo up && exec "$@"`, "sh", binary, "-conf", "Corefile")
			if !strings.Contains(listeners(t, s.cmd.Process.Pid), ":0035 ") {
				t.Error("nothing listens on port 53")
			}
		})
	}
}

// The manual page can be read at one go; reference has pages of its own.
func TestReadmeIsShort(t *testing.T) {
	t.Parallel()
	const most = 16 << 10
	info, err := os.Stat(filepath.Join(repository, manual[0]))
	if err != nil {
		t.Fatal(err)
	}
	if info.Size() > most {
		t.Errorf("%s has %d bytes, want %d at most: move reference to %s", manual[0], info.Size(), most, strings.Join(manual[1:], " or "))
	}
}

// An example is a code block of the manual that is marked corefile.
type example struct {
	name     string // of the page, and the number of the block in it
	corefile string
}

// examples returns all examples of the manual.
func examples(t *testing.T) []example {
	t.Helper()
	var all []example
	for _, page := range manual {
		text, err := os.ReadFile(filepath.Join(repository, page))
		if err != nil {
			t.Fatalf("the page cannot be read: %v", err)
		}
		blocks, closed := corefileBlocks(string(text))
		if len(blocks) == 0 || !closed {
			t.Fatalf("%s has %d blocks marked corefile, and the last is closed: %t", page, len(blocks), closed)
		}
		for i, block := range blocks {
			all = append(all, example{fmt.Sprintf("%s %d", page, i+1), block})
		}
	}
	return all
}

// corefileBlocks returns the code blocks of a page that are marked corefile, and whether
// the last one is closed.
func corefileBlocks(page string) (blocks []string, closed bool) {
	fence := ""
	for line := range strings.Lines(page) {
		switch text := strings.TrimSpace(line); {
		case fence == "" && (text == "``` corefile" || text == "~~~ corefile"):
			fence = text[:3]
			blocks = append(blocks, "")
		case fence != "" && text == fence:
			fence = ""
		case fence != "":
			blocks[len(blocks)-1] += line
		}
	}
	return blocks, fence == ""
}

// isolation returns the options with which unshare can make a network namespace, or skips the test.
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

// writeExampleFiles writes the files that examples name.
func writeExampleFiles(s *server) {
	a := newAuthority(s.T, s.vars["dir"])
	for _, name := range []string{"cert", "server", "client", "key"} {
		a.sign(name, time.Hour, "example.org")
	}
	s.newKey("example.org.")
	s.write("db.example.org", strings.ReplaceAll("$ORIGIN example.org.\n"+zoneFile, "$TTL", "$"+"TTL"))
	s.write("token", "t0ken")
}

// listeners returns the UDP sockets in the network namespace of a process.
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
