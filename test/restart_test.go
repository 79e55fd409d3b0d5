package test

import (
	"syscall"
	"time"
)

// Log lines of a reload.
const (
	reloadBegins = "[INFO] SIGUSR1: Reloading"
	reloadDone   = "[INFO] Reloading complete"
	reloadFailed = "[ERROR] SIGUSR1:"
)

// reload makes the server read a new Corefile, and waits until it serves that.
func (s *server) reload(corefile string) {
	s.Helper()
	s.write("Corefile", corefile)
	s.reloadUntil(reloadDone)
}

// reloadFails makes the server read a Corefile that it must refuse, and returns the new lines
// of the log.
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
	s.signalReload()
	eventually(s.T, "the reload has ended", func() bool {
		return s.log.count(reloadDone) > good || s.log.count(reloadFailed) > bad
	})
	if done == reloadDone && s.log.count(reloadFailed) > bad {
		s.Fatalf("a good Corefile was not loaded:\n%s", indent(s.log.String()))
	}
	if done == reloadFailed && s.log.count(reloadDone) > good {
		s.Fatalf("a wrong Corefile was loaded:\n%s", indent(s.log.String()))
	}
}

// signalReload sends the signal until the server reacts. CoreDNS begins to listen for it on a
// goroutine of its own, which on a busy machine may start later than the servers.
func (s *server) signalReload() {
	s.Helper()
	heard := s.log.count(reloadBegins)
	var sent time.Time
	eventually(s.T, "the server gets the signal to reload", func() bool {
		if time.Since(sent) > 5*time.Second {
			s.signal(syscall.SIGUSR1)
			sent = time.Now()
		}
		return s.log.count(reloadBegins) > heard
	})
}
