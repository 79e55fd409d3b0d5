//go:build unix

package probe

import (
	"errors"
	"os"
	"os/exec"
	"syscall"
)

// runGroup runs cmd as the first of a process group of its own, and returns
// when none of the group is left: what the program started ends with it.
func runGroup(cmd *exec.Cmd) error {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return killGroup(cmd.Process.Pid) }
	if err := cmd.Start(); err != nil {
		return err
	}
	err := cmd.Wait()
	// The kernel gives no number to a new process while it is that of a
	// group. So this kills the group of the program or, if none of it is
	// left, nobody: all other numbers are given out before this one is again.
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

// reapGroup waits for the members of a killed group that have become children
// of ours. They do if we are the first process, as in a container: then nobody
// else would take them away.
func reapGroup(id int) {
	for {
		_, err := syscall.Wait4(-id, nil, 0, nil)
		if err != nil && !errors.Is(err, syscall.EINTR) {
			return
		}
	}
}
