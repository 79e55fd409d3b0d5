package peers

import (
	"syscall"
	"testing"
)

// lives checks the results while a program starts, hangs, continues and dies. While it
// hangs, the kernel still accepts connections for it, and only a check with a dialogue
// fails.
func lives(t *testing.T, p *program, c check, hanging string) {
	t.Helper()
	c.becomes(t, "")
	p.signal(syscall.SIGSTOP)
	c.becomes(t, hanging)
	p.signal(syscall.SIGCONT)
	c.becomes(t, "")
	p.signal(syscall.SIGKILL)
	c.becomes(t, "connect: connection refused")
}
