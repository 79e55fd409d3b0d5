package check

import (
	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/plugin/corefile/internal/syntax"
)

// A noCheck is check none: its endpoints are up unasked.
type noCheck struct{ timing }

var _ settings = (*noCheck)(nil)

func (*noCheck) readArgs(l syntax.Line, args []string) error { return noArgs(l, args) }

// build is never called.
func (*noCheck) build(syntax.Line, Subject) (healthcheck.Check, error) { return nil, nil }
