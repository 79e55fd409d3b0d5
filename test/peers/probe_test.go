package peers

import (
	"context"
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/coredns-failover/failover/healthcheck"
)

// probeOnce probes 127.0.0.1 once.
func probeOnce(t *testing.T, check healthcheck.Check) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	return check.Prober().Probe(ctx, netip.MustParseAddr("127.0.0.1"))
}

// eventually probes until the result is want, because programs take some time to
// start.
func eventually(t *testing.T, check healthcheck.Check, want string) {
	t.Helper()
	var err error
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if err = probeOnce(t, check); says(err, want) {
			return
		}
	}
	t.Fatalf("%v: got %v for %s, want %q", check, err, patience, want)
}

// wants probes once and checks the result: "" is a pass, and "unknown: " begins one that is
// inconclusive.
func wants(t *testing.T, check healthcheck.Check, want string) {
	t.Helper()
	if err := probeOnce(t, check); !says(err, want) {
		t.Errorf("%+v: got %v, want %q", check, err, want)
	}
}

func says(err error, want string) bool {
	if err == nil || want == "" {
		return err == nil && want == ""
	}
	want, unknown := strings.CutPrefix(want, "unknown: ")
	return strings.HasPrefix(err.Error(), want) && errors.Is(err, healthcheck.ErrInconclusive) == unknown
}
