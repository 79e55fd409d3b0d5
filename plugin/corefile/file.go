package corefile

import (
	"errors"

	"github.com/coredns-failover/failover/healthcheck"
)

// A fileCheck is what a check file says.
type fileCheck struct {
	timing
	healthcheck.File
}

var _ settings = (*fileCheck)(nil)

var fileProperties = part(timingProperties, (*fileCheck).schedule)

// readArgs takes a file that cannot be read (yet): that is for the check to say.
func (c *fileCheck) readArgs(l line, args []string) error {
	switch len(args) {
	case 0:
		return l.errf("check file: missing argument, expected check file PATH")
	case 1:
	default:
		return l.errf("check: surplus argument %s, expected check file PATH", show(args[1]))
	}
	if args[0] == "" {
		return l.errf("check file: expected the name of a file")
	}
	c.Path = l.located(args[0])
	if err := tryFile(c.Path); errors.Is(err, errNotRegular) {
		return l.errf("check file: expected a file that can be read: %s: %v", show(c.Path), err)
	}
	return nil
}

func (c *fileCheck) build(_ line, s subject) (healthcheck.Check, error) {
	f := c.File
	if s.probe.IsValid() {
		f.Addr = s.addr
	}
	if s.name != s.addr.String() {
		f.Label = s.name
	}
	return f, nil
}
