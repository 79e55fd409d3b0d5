package check

import (
	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/plugin/corefile/internal/syntax"
)

// A noCheck has the settings of check none, whose endpoints are always up.
type noCheck struct{ timing }

var _ settings = (*noCheck)(nil)

func (*noCheck) readArgs(l syntax.Line, args []string) error { return refuseArgs(l, args) }

// build is never called: check none has no checker.
func (*noCheck) build(syntax.Line, Subject) (healthcheck.Check, error) { return nil, nil }
