//go:build !linux

package dial

import "syscall"

// reportUnreachable does nothing.
func reportUnreachable(string, string, syscall.RawConn) error { return nil }
