package check

import (
	"errors"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/healthcheck/probe"
	"github.com/coredns-failover/failover/plugin/corefile/internal/syntax"
)

// A fileCheck has the settings of check file.
type fileCheck struct {
	timing
	probe.File
}

var _ settings = (*fileCheck)(nil)

var fileProperties = syntax.Part(timingProperties, (*fileCheck).schedule)

// readArgs reads PATH. It accepts a file that cannot be read yet: the check is
// inconclusive until then.
func (c *fileCheck) readArgs(l syntax.Line, args []string) error {
	switch len(args) {
	case 0:
		return l.Errf("check file: missing argument, expected check file PATH")
	case 1:
	default:
		return l.Errf("check: surplus argument %s, expected check file PATH", syntax.Show(args[1]))
	}
	if args[0] == "" {
		return l.Errf("check file: expected the name of a file")
	}
	c.Path = l.ResolvePath(args[0])
	if err := tryFile(c.Path); errors.Is(err, errNotRegular) {
		return l.Errf("check file: expected a file that can be read: %s: %v", syntax.Show(c.Path), err)
	}
	return nil
}

func (c *fileCheck) build(_ syntax.Line, s Subject) (healthcheck.Check, error) {
	f := c.File
	if s.Probe.IsValid() {
		f.Addr = s.Addr
	}
	if s.Name != s.Addr.String() {
		f.Label = s.Name
	}
	return f, nil
}
