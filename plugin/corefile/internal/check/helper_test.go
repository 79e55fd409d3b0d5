package check_test

import (
	"testing"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/plugin/corefile"
	"github.com/coredns-failover/failover/plugin/corefile/internal/testfile"
	"github.com/coredns-failover/failover/test/kit"
)

// Checks are tested as they are written: in a record of a Corefile.

var (
	controller = testfile.Controller
	refused    = testfile.Refused
	withCheck  = testfile.WithCheck
	inCheck    = testfile.InCheck
	writeFile  = kit.Write
)

func mustParse(t *testing.T, text string) *corefile.Config {
	t.Helper()
	return testfile.MustParse(t, corefile.Parse, text)
}

// checks returns the checks of the first endpoint of the only record.
func checks(t *testing.T, text string) []healthcheck.Key {
	t.Helper()
	return testfile.Checks(t, text, mustParse(t, text).Records)
}
