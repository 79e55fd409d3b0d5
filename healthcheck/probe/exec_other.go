//go:build !unix

package probe

import "os/exec"

// runGroup runs cmd. Where there are no process groups, what the program
// started may outlive it.
func runGroup(cmd *exec.Cmd) error { return cmd.Run() }
