package corefile

import "github.com/coredns-failover/failover/healthcheck"

func (c *check) readPath(args []string) (err error) {
	switch len(args) {
	case 0:
		return c.at.errf("check file: missing argument, expected check file PATH")
	case 1:
	default:
		return c.at.errf("check: surplus argument %s, expected check file PATH", show(args[1]))
	}
	c.path, err = c.readableAs("check file", c.at, args[0])
	return err
}

func buildFile(c *check, s subject) (healthcheck.Check, error) {
	f := healthcheck.File{Path: c.path}
	if s.probe.IsValid() {
		f.Addr = s.addr
	}
	if s.name != s.addr.String() {
		f.Label = s.name
	}
	return f, nil
}
