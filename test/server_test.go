package test

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A server is a running process with a directory of its own.
type server struct {
	*testing.T
	vars vars
	log  *output
	cmd  *exec.Cmd
	done chan struct{} // closed when the process has ended
	err  error         // how it ended
}

// start starts the server with a Corefile and waits until it serves. The server is stopped
// when the test ends, and its log must have no faults then.
func start(t *testing.T, corefile string, set vars) *server {
	t.Helper()
	s := prepare(t, set)
	s.serve(corefile)
	return s
}

// serve starts a prepared server and waits until it serves.
func (s *server) serve(corefile string) {
	s.Helper()
	s.write("Corefile", corefile)
	s.launch("sh", "-c", deaf+`exec "$@"`, "sh", binary, "-conf", "Corefile", "-dns.port", s.vars.expand(s.T, "$dns"))
}

// in returns s for a subtest of the test that started it.
func (s *server) in(t *testing.T) *server {
	c := *s
	c.T = t
	return &c
}

// prepare returns a server that is not running yet.
func prepare(t *testing.T, set vars) *server {
	t.Helper()
	s := &server{T: t, vars: vars{"ip": loopback(), "dir": t.TempDir()}, log: new(output), done: make(chan struct{})}
	maps.Copy(s.vars, set)
	return s
}

// launch runs a command that becomes the server, and waits until it serves.
func (s *server) launch(command ...string) {
	s.Helper()
	s.cmd = exec.Command(command[0], command[1:]...)
	s.cmd.Dir = s.vars["dir"]
	s.cmd.Stdout, s.cmd.Stderr = s.log, s.log
	s.cmd.WaitDelay = time.Second
	if err := s.cmd.Start(); err != nil {
		s.Fatal(err)
	}
	go func() {
		s.err = s.cmd.Wait()
		close(s.done)
	}()
	s.Cleanup(s.stop)
	s.waitFor("\nCoreDNS-")
	eventually(s.T, "the server handles signals", s.hears)
}

// stop ends the process as a service manager does, and checks its log.
func (s *server) stop() {
	s.signal(syscall.SIGTERM)
	select {
	case <-s.done:
	case <-time.After(patience):
		s.signal(syscall.SIGABRT) // with a dump of its goroutines
		<-s.done
		s.Errorf("the server did not stop within %s", patience)
	}
	if s.err != nil {
		s.Errorf("the server ended with %v", s.err)
	}
	s.log.checkHealthy(s.T)
	if s.Failed() {
		s.Logf("log of the server:\n%s", indent(s.log.tail()))
	}
}

// write writes a file in the server's directory, with variables replaced, and returns its path.
func (s *server) write(name, text string) string {
	s.Helper()
	path := filepath.Join(s.vars["dir"], name)
	// The file is renamed into place, so that the server never reads half of it.
	if err := os.WriteFile(path+"~", []byte(s.vars.expand(s.T, text)), 0o600); err != nil {
		s.Fatal(err)
	}
	if err := os.Rename(path+"~", path); err != nil {
		s.Fatal(err)
	}
	return path
}

// addr returns the address of the server with the port of that variable.
func (s *server) addr(port string) string { return s.vars.expand(s.T, "$ip:$"+port) }

// waitFor waits until the log contains text.
func (s *server) waitFor(text string) {
	s.Helper()
	eventually(s.T, "the log has "+text, func() bool {
		select {
		case <-s.done:
			s.Fatalf("the server ended with %v:\n%s", s.err, indent(s.log.String()))
		default:
		}
		return strings.Contains(s.log.String(), text)
	})
}

// corefile returns the Corefile that was written last.
func (s *server) corefile() string {
	s.Helper()
	text, err := os.ReadFile(filepath.Join(s.vars["dir"], "Corefile"))
	if err != nil {
		s.Fatal(err)
	}
	return string(text)
}
