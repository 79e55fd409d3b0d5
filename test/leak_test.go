package test

import (
	"fmt"
	"os"
	"testing"
)

// Reloads leak no descriptor, goroutine or probe.
func TestReloadsDoNotLeak(t *testing.T) {
	t.Parallel()
	ts := newTargets(t, 2)
	s := start(t, storyCorefile, vars{"a": ts[0].ip, "b": ts[1].ip, "web": ts[0].port})
	s.reloadTimes(10)
	eventually(t, "the secondary is up", func() bool { return len(s.scrape().with("endpoint_up", `"standby"`)) == 1 })
	files, goroutines := s.files(), s.goroutines()
	s.reloadTimes(50)
	// Connections of probes and queries come and go.
	becomes(t, "descriptors after 50 reloads", "no more", func() string { return compare(s.files(), files+2) })
	becomes(t, "goroutines after 50 reloads", "no more", func() string { return compare(s.goroutines(), goroutines+2) })
}

func (s *server) reloadTimes(n int) {
	s.Helper()
	for i := range n {
		s.reload(fmt.Sprintf("%s\n# %d", storyCorefile, i))
	}
}

func compare(now, before int) string {
	if now <= before {
		return "no more"
	}
	return fmt.Sprintf("%d, and there were %d", now, before)
}

func (s *server) files() int {
	s.Helper()
	entries, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", s.cmd.Process.Pid))
	if err != nil {
		s.Fatal(err)
	}
	return len(entries)
}

func (s *server) goroutines() int {
	s.Helper()
	return int(s.number("go_goroutines"))
}
