package test

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
)

func (s *server) signal(sig os.Signal) {
	s.Helper()
	if err := s.cmd.Process.Signal(sig); err != nil && !errors.Is(err, os.ErrProcessDone) {
		s.Fatal(err)
	}
}

// deaf is what a shell does before it becomes the server, so that hears can tell
// when that has begun to listen to signals.
const deaf = "trap '' HUP; "

// hears reports whether the server handles signals. It begins to do so while it starts, and
// ignores those that come earlier.
func (s *server) hears() bool {
	s.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	if err != nil {
		s.Fatal(err)
	}
	_, caught, _ := strings.Cut(string(status), "SigCgt:\t")
	caught, _, _ = strings.Cut(caught, "\n")
	mask, err := strconv.ParseUint(caught, 16, 64)
	if err != nil {
		s.Fatalf("the signals of the server: %v", err)
	}
	return mask&(1<<(syscall.SIGHUP-1)) != 0
}
