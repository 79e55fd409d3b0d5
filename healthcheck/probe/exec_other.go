//go:build !unix

package probe

import "os/exec"

// runGroup runs cmd. There are no process groups here: what the program starts may
// outlive it.
func runGroup(cmd *exec.Cmd) error { return cmd.Run() }
