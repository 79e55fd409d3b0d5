package corefile

import "github.com/coredns-failover/failover/healthcheck"

// A noCheck is check none: its endpoints are up unasked.
type noCheck struct{ timing }

var _ settings = (*noCheck)(nil)

func (*noCheck) readArgs(l line, args []string) error { return noArgs(l, args) }

// build is never called.
func (*noCheck) build(line, subject) (healthcheck.Check, error) { return nil, nil }
