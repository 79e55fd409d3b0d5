package peers

import (
	"errors"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"

	"github.com/coredns-failover/failover/test/kit"
)

// find returns the path of a program, which is looked for at places first. The test is
// skipped if it is not installed.
func find(t *testing.T, name string, places ...string) string {
	t.Helper()
	for _, pattern := range append(places, "/usr/sbin/"+name) {
		if found, _ := filepath.Glob(pattern); len(found) > 0 {
			return found[len(found)-1]
		}
	}
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("%s is not installed", name)
	}
	return path
}

// A program is a process that ends with the test at the latest.
type program struct {
	t    *testing.T
	cmd  *exec.Cmd
	done chan struct{} // closed when it has ended
	log  *os.File
}

// start runs a program as a user without privileges.
func start(t *testing.T, path string, args ...string) *program {
	t.Helper()
	return run(t, command(path, args...))
}

// run runs a command as a program.
func run(t *testing.T, cmd *exec.Cmd) *program {
	t.Helper()
	log, err := os.CreateTemp(t.TempDir(), "log")
	if err != nil {
		t.Fatal(err)
	}
	p := &program{t: t, cmd: cmd, done: make(chan struct{}), log: log}
	p.cmd.Stdout, p.cmd.Stderr = log, log
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		p.cmd.Wait()
		close(p.done)
	}()
	t.Cleanup(p.end)
	return p
}

// end kills the program and its children, and shows its output if the test failed.
func (p *program) end() {
	p.signal(syscall.SIGKILL)
	<-p.done
	if text, _ := os.ReadFile(p.log.Name()); p.t.Failed() && len(text) > 0 {
		p.t.Logf("%s said:\n%s", p.cmd.Path, text)
	}
	p.log.Close()
}

func (p *program) signal(s syscall.Signal) {
	if err := syscall.Kill(-p.cmd.Process.Pid, s); err != nil && !errors.Is(err, syscall.ESRCH) {
		p.t.Error(err)
	}
}

// command returns a command with a process group of its own.
func command(path string, args ...string) *exec.Cmd {
	cmd := exec.Command(path, args...)
	cmd.Dir = "/"
	cmd.Env = append(os.Environ(), "USER=nobody", "HOME=/nonexistent", "LC_ALL=C.UTF-8")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if os.Getuid() == 0 {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: nobody, Gid: nobody}
	}
	return cmd
}

// nobody is the user of programs that would otherwise run as root.
const nobody = 65534

// dir returns a new directory that programs can write into.
func dir(t *testing.T) string {
	t.Helper()
	d, err := os.MkdirTemp("", "peers") //nolint:usetesting // other users cannot enter that of t.TempDir
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(d) })
	give(t, d)
	return d
}

// give makes the user of programs the owner of a file or directory.
func give(t *testing.T, path string) {
	t.Helper()
	if os.Getuid() != 0 {
		return
	}
	if err := os.Chown(path, nobody, nobody); err != nil {
		t.Fatal(err)
	}
}

// write writes a file that programs can read.
func write(t *testing.T, path, text string) string {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil && !errors.Is(err, fs.ErrExist) {
		t.Fatal(err)
	}
	give(t, path)
	return path
}

// inetd starts a program for each connection, which becomes its input and output, and
// returns the port.
func inetd(t *testing.T, cmd func() *exec.Cmd) string {
	t.Helper()
	l := kit.Listen(t, func(conn net.Conn) {
		c := cmd()
		c.Stdin, c.Stdout = conn, conn // through pipes, because some programs treat a socket in another way
		c.Run()                        // fails if the probe hangs up first
	})
	return strconv.Itoa(int(kit.PortOfListener(l)))
}
