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

// Exec is the check "exec": a program that exits with 0. What it gets to see
// of the endpoint besides the address is part of the check.
type Exec struct {
	Path     string // absolute
	Args     string // joined by "\x00"
	Port     uint16 // 0 if there is none
	Record   string
	Pool     string
	Endpoint string // what the endpoint is called; "" is by its address
}

var _ healthcheck.Check = Exec{}

// Type returns "exec".
func (Exec) Type() string { return "exec" }

// String returns the check without arguments, which may hold secrets.
func (c Exec) String() string { return "exec " + c.Path }

// Prober returns what runs the program.
func (c Exec) Prober() healthcheck.Prober {
	p := &execProber{check: c, name: filepath.Base(c.Path), run: runGroup}
	if c.Args != "" {
		p.args = strings.Split(c.Args, "\x00")
	}
	p.env = append(inherited(),
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

// inherited is what a program gets of our own environment, the rest of which
// may hold secrets.
func inherited() []string {
	env := []string{"PATH=" + cmp.Or(os.Getenv("PATH"), "/usr/local/bin:/usr/bin:/bin")}
	if home, ok := os.LookupEnv("HOME"); ok {
		env = append(env, "HOME="+home)
	}
	return env
}

const (
	exitUnknown = 3 // the program could not ask

	// pipeDelay is how long output is waited for once a program has ended and
	// one that it started keeps the pipe open.
	pipeDelay = 100 * time.Millisecond

	// killDelay is how long a program is waited for that has been killed. One that
	// waits for a file system that hangs does not end before that does.
	killDelay = 500 * time.Millisecond
)

// stuck are the programs that were given up, until they do end.
var stuck sync.Map // of run

type run struct {
	check Exec
	addr  netip.Addr
}

var errStuck = errors.New("an earlier one was killed and has not ended")

type execProber struct {
	check Exec
	name  string // for errors
	args  []string
	env   []string // without what the address is in
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
	return p.verify(ctx, p.supervise(ctx, cmd, run{p.check, addr}), out)
}

// supervise returns how the program ends. It does not wait for ever for one that
// cannot be killed, but lets no other of the kind be started meanwhile.
func (p *execProber) supervise(ctx context.Context, cmd *exec.Cmd, me run) error {
	if _, is := stuck.Load(me); is {
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
	stuck.Store(me, true)
	go func() {
		<-done
		stuck.Delete(me)
	}()
	return errStuck
}

// verify says what the end of the program means.
func (p *execProber) verify(ctx context.Context, err error, out *limitedBuffer) error {
	var exit *exec.ExitError
	switch {
	case err == nil, errors.Is(err, exec.ErrWaitDelay):
		return nil
	case errors.Is(err, errStuck):
		return dial.Because(ctx, "running "+p.name, err) // and out may still be written to
	case ctx.Err() != nil:
		return dial.Because(ctx, "running "+p.name, err)
	case !errors.As(err, &exit):
		return healthcheck.MarkInconclusive(fmt.Errorf("start %s: %w", p.name, startError(err)))
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

// startError is err without the path.
func startError(err error) error {
	var errno syscall.Errno
	if errors.As(err, &errno) {
		return errno
	}
	return err
}
