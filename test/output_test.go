package test

import (
	"strings"
	"testing"

	"github.com/coredns-failover/failover/test/kit"
)

// An output collects what a process writes.
type output struct{ kit.Buffer }

// tail returns the last lines.
func (o *output) tail() string {
	lines := strings.SplitAfter(o.String(), "\n")
	return strings.Join(lines[max(0, len(lines)-60):], "")
}

// count returns how many times text was written.
func (o *output) count(text string) int { return strings.Count(o.String(), text) }

// faults are texts in the log that show a broken server. The word panic alone is not one,
// because it is also a property.
var faults = []string{"panic: ", "from panic", "panicked", "PANIC", "DATA RACE", "goroutine ", "fatal error"}

func (o *output) checkHealthy(t *testing.T) {
	t.Helper()
	for _, fault := range faults {
		if o.count(fault) > 0 {
			t.Errorf("the log has %q in it", fault)
		}
	}
}
