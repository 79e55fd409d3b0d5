package probe

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/healthcheck/internal/dial"
)

// Exec is the check "exec". It passes if a program exits with 0. What the program sees of
// the endpoint, besides its address, is part of the check.
type Exec struct {
	Path     string // absolute
	Args     string // joined by "\x00"
	Port     uint16 // 0 if there is none
	Record   string
	Pool     string
	Endpoint string // name of the endpoint; "" is its address
}

var _ healthcheck.Check = Exec{}

// Type returns "exec".
func (Exec) Type() string { return "exec" }

// String returns the check without the arguments, which may be secret.
func (c Exec) String() string { return "exec " + c.Path }

// Prober returns the prober, which runs the program.
func (c Exec) Prober() healthcheck.Prober {
	p := &execProber{check: c, name: filepath.Base(c.Path), run: runGroup}
	if c.Args != "" {
		p.args = strings.Split(c.Args, "\x00")
	}
	p.env = append(inheritedEnv(),
		"FAILOVER_PORT="+c.port(),
		"FAILOVER_RECORD="+c.Record,
		"FAILOVER_POOL="+c.Pool)
	return p
}

func (c Exec) port() string {
	if c.Port == 0 {
		return ""
	}
	return strconv.Itoa(int(c.Port))
}

// inheritedEnv returns the part of our environment that a program gets. The rest may
// contain secrets.
func inheritedEnv() []string {
	env := []string{"PATH=" + cmp.Or(os.Getenv("PATH"), "/usr/local/bin:/usr/bin:/bin")}
	if home, ok := os.LookupEnv("HOME"); ok {
		env = append(env, "HOME="+home)
	}
	return env
}

const (
	exitUnknown = 3 // the program says that its result is inconclusive

	// pipeDelay is how long to wait for output after a program has ended, if another
	// that it started keeps the pipe open.
	pipeDelay = 100 * time.Millisecond

	// killDelay is how long to wait for the end of a killed program. In a system call
	// on a file system that hangs it does not end.
	killDelay = 500 * time.Millisecond
)

// stuck has the killed programs that have not ended.
var stuck sync.Map // of execKey

// An execKey identifies a probe of one endpoint.
type execKey struct {
	check Exec
	addr  netip.Addr
}

var errStuck = errors.New("an earlier one was killed and has not ended")

type execProber struct {
	check Exec
	name  string // for errors
	args  []string
	env   []string // without the variables that depend on the address
	run   func(*exec.Cmd) error
}

func (p *execProber) Probe(ctx context.Context, addr netip.Addr) error {
	cmd := exec.CommandContext(ctx, p.check.Path)
	for _, arg := range p.args {
		cmd.Args = append(cmd.Args, expand(arg, addr))
	}
	cmd.Env = append(p.env[:len(p.env):len(p.env)],
		"FAILOVER_ADDRESS="+addr.String(),
		"FAILOVER_ENDPOINT="+cmp.Or(p.check.Endpoint, addr.String()))
	out := new(limitedBuffer)
	cmd.Stdout, cmd.Stderr = out, out
	cmd.WaitDelay = pipeDelay
	return p.verify(ctx, p.supervise(ctx, cmd, execKey{p.check, addr}), out)
}

// supervise runs the program and returns its end, as cmd.Run does. It returns errStuck
// if the program was killed and has not ended after killDelay. Until it ends, calls with
// the same key return errStuck and start nothing.
func (p *execProber) supervise(ctx context.Context, cmd *exec.Cmd, key execKey) error {
	if _, ok := stuck.Load(key); ok {
		return errStuck
	}
	done, late := make(chan error, 1), make(chan struct{})
	defer context.AfterFunc(ctx, func() { time.AfterFunc(killDelay, func() { close(late) }) })()
	go func() { done <- p.run(cmd) }()
	select {
	case err := <-done:
		return err
	case <-late:
	}
	stuck.Store(key, true)
	go func() {
		<-done
		stuck.Delete(key)
	}()
	return errStuck
}

// verify returns nil if err and out, the end and the output of the program, are a pass,
// or why they are not.
func (p *execProber) verify(ctx context.Context, err error, out *limitedBuffer) error {
	var exit *exec.ExitError
	switch {
	case err == nil, errors.Is(err, exec.ErrWaitDelay):
		return nil
	case errors.Is(err, errStuck):
		return dial.Because(ctx, "running "+p.name, err) // out may still be written to
	case ctx.Err() != nil:
		return dial.Because(ctx, "running "+p.name, err)
	case !errors.As(err, &exit):
		return healthcheck.MarkInconclusive(fmt.Errorf("start %s: %w", p.name, withoutPath(err)))
	}
	words := errors.New(exit.String())
	if line := excerpt(string(out.bytes)); line != "" {
		words = fmt.Errorf("%w: %s", words, line)
	}
	if exit.ExitCode() == exitUnknown {
		return healthcheck.MarkInconclusive(words)
	}
	return words
}

// withoutPath returns err without the path.
func withoutPath(err error) error {
	var errno syscall.Errno
	if errors.As(err, &errno) {
		return errno
	}
	return err
}
