//go:build unix

package probe

import (
	"errors"
	"os"
	"os/exec"
	"syscall"
)

// runGroup runs cmd in a new process group and returns when no process of the group is
// left. What the program started ends with it.
func runGroup(cmd *exec.Cmd) error {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return killGroup(cmd.Process.Pid) }
	if err := cmd.Start(); err != nil {
		return err
	}
	err := cmd.Wait()
	// The kernel does not reuse a process id while a group has it. If the group is
	// empty the id is free, but the kernel first gives out all others: this kills
	// the group of the program or nothing.
	_ = killGroup(cmd.Process.Pid)
	reapGroup(cmd.Process.Pid)
	return err
}

func killGroup(id int) error {
	err := syscall.Kill(-id, syscall.SIGKILL)
	if errors.Is(err, syscall.ESRCH) {
		return os.ErrProcessDone
	}
	return err
}

// reapGroup waits for the processes of a killed group that have become our children.
// They do if this is process 1, as in a container: without a wait they stay zombies.
func reapGroup(id int) {
	for {
		_, err := syscall.Wait4(-id, nil, 0, nil)
		if err != nil && !errors.Is(err, syscall.EINTR) {
			return
		}
	}
}
