package corefile

import (
	"errors"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/healthcheck/probe"
)

// readPath takes a file that cannot be read (yet): that is for the check to say.
func (c *check) readPath(args []string) error {
	switch len(args) {
	case 0:
		return c.at.errf("check file: missing argument, expected check file PATH")
	case 1:
	default:
		return c.at.errf("check: surplus argument %s, expected check file PATH", show(args[1]))
	}
	if args[0] == "" {
		return c.at.errf("check file: expected the name of a file")
	}
	c.path = c.located(args[0])
	if err := tryFile(c.path); errors.Is(err, errNotRegular) {
		return c.at.errf("check file: expected a file that can be read: %s: %v", show(c.path), err)
	}
	return nil
}

func buildFile(c *check, s subject) (healthcheck.Check, error) {
	f := probe.File{Path: c.path}
	if s.probe.IsValid() {
		f.Addr = s.addr
	}
	if s.name != s.addr.String() {
		f.Label = s.name
	}
	return f, nil
}
