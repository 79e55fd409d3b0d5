package test

import "syscall"

// What the log says at the end of a reload.
const (
	reloadDone   = "[INFO] Reloading complete"
	reloadFailed = "[ERROR] SIGUSR1:"
)

// reload makes the server read a new Corefile, and waits until it serves that.
func (s *server) reload(corefile string) {
	s.Helper()
	s.write("Corefile", corefile)
	s.reloadUntil(reloadDone)
}

// reloadFails makes the server read a Corefile that it must refuse, and returns
// what the log then has more than before.
func (s *server) reloadFails(corefile string) string {
	s.Helper()
	s.write("Corefile", corefile)
	before := len(s.log.String())
	s.reloadUntil(reloadFailed)
	return s.log.String()[before:]
}

func (s *server) reloadUntil(done string) {
	s.Helper()
	good, bad := s.log.count(reloadDone), s.log.count(reloadFailed)
	s.signal(syscall.SIGUSR1)
	eventually(s.T, "the reload has ended", func() bool {
		return s.log.count(reloadDone) > good || s.log.count(reloadFailed) > bad
	})
	if done == reloadDone && s.log.count(reloadFailed) > bad {
		s.Fatalf("a good Corefile was not loaded:\n%s", indent(s.log.String()))
	}
	if done == reloadFailed && s.log.count(reloadDone) > good {
		s.Fatalf("a Corefile that is wrong was loaded:\n%s", indent(s.log.String()))
	}
}
