package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// A process is a child process that is measured from outside. It ends with the context that it
// was started with.
type process struct {
	cmd    *exec.Cmd
	stdin  io.WriteCloser
	stdout io.Reader
}

func start(ctx context.Context, command ...string) (*process, error) {
	cmd := exec.CommandContext(ctx, command[0], command[1:]...) // #nosec G204 -- this program, or what the user names
	cmd.Stderr = os.Stderr
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 5 * time.Second
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	return &process{cmd, stdin, stdout}, cmd.Start()
}

// startServer starts the server with a Corefile, and waits until it serves.
func startServer(ctx context.Context, corefile string) (*process, error) {
	return startBinary(ctx, *binary, corefile)
}

// startBinary is startServer for a server of another tree.
func startBinary(ctx context.Context, binary, corefile string) (*process, error) {
	p, err := startLoggingBinary(ctx, binary, corefile)
	if err == nil {
		go io.Copy(io.Discard, p.stdout)
	}
	return p, err
}

// startLogging is startServer for callers that read the log from stdout. They have to read it.
func startLogging(ctx context.Context, corefile string) (*process, error) {
	return startLoggingBinary(ctx, *binary, corefile)
}

func startLoggingBinary(ctx context.Context, binary, corefile string) (*process, error) {
	p, err := start(ctx, binary, "-conf", "stdin")
	if err != nil {
		return nil, err
	}
	_, err = io.WriteString(p.stdin, corefile)
	if err := errors.Join(err, p.stdin.Close()); err != nil {
		return nil, err
	}
	log := bufio.NewReader(p.stdout)
	p.stdout = log
	for err := error(nil); err == nil; {
		var line string
		line, err = log.ReadString('\n')
		if strings.HasPrefix(line, "CoreDNS-") {
			return p, nil
		}
	}
	return nil, errors.Join(errors.New("the server did not start"), p.cmd.Wait())
}

// stop ends the process by SIGTERM.
func (p *process) stop() error {
	return errors.Join(p.cmd.Process.Signal(syscall.SIGTERM), p.cmd.Wait())
}

// selfCommand returns the command line of this program with the same flags and another command.
func selfCommand(command ...string) []string {
	flags := os.Args[:len(os.Args)-flag.NArg()]
	return slices.Concat(flags, []string{"-server", *binary}, command)
}

// tick is the unit of the times in /proc.
const tick = 10 * time.Millisecond

// cpu returns the CPU time of the process so far.
func (p *process) cpu() time.Duration {
	_, stat, _ := strings.Cut(p.read("stat"), ") ")
	fields := strings.Fields(stat)
	if len(fields) < 13 {
		return 0
	}
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return time.Duration(user+system) * tick
}

// machineCPU returns the CPU time of all processes so far.
func machineCPU() (busy time.Duration) {
	text, _ := os.ReadFile("/proc/stat")
	line, _, _ := strings.Cut(string(text), "\n")
	for i, field := range strings.Fields(line)[1:9] {
		ticks, _ := strconv.Atoi(field)
		if i != 3 && i != 4 { // idle and iowait
			busy += time.Duration(ticks) * tick
		}
	}
	return busy
}

// memory returns a value of the process's status, such as VmRSS, in MB.
func (p *process) memory(what string) float64 {
	_, line, _ := strings.Cut(p.read("status"), "\n"+what+":")
	line, _, _ = strings.Cut(line, " kB")
	kb, _ := strconv.Atoi(strings.TrimSpace(line))
	return float64(kb) * 1024 / 1e6
}

// descriptors returns the number of open descriptors.
func (p *process) descriptors() int {
	dir, err := os.Open(p.path("fd"))
	if err != nil {
		return 0
	}
	defer dir.Close()
	names, _ := dir.Readdirnames(-1)
	return len(names)
}

// watch waits for d and returns the greatest number of open descriptors meanwhile.
func (p *process) watch(ctx context.Context, d time.Duration) (most int) {
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	look := time.NewTicker(250 * time.Millisecond)
	defer look.Stop()
	for {
		select {
		case <-look.C:
			most = max(most, p.descriptors())
		case <-ctx.Done():
			return most
		}
	}
}

func (p *process) path(file string) string {
	return filepath.Join("/proc", strconv.Itoa(p.cmd.Process.Pid), file)
}

func (p *process) read(file string) string {
	text, _ := os.ReadFile(p.path(file)) // #nosec G304 -- in /proc
	return string(text)
}
