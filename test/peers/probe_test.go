package peers

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/coredns-failover/failover/healthcheck"
)

// vacant returns a port of loopback that nobody has at the moment, for TCP and UDP.
func vacant(t *testing.T) uint16 {
	t.Helper()
	for range 100 {
		udp, err := net.ListenPacket("udp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		tcp, err := net.Listen("tcp", udp.LocalAddr().String())
		udp.Close()
		if err == nil {
			tcp.Close()
			return uint16(tcp.Addr().(*net.TCPAddr).Port)
		}
	}
	t.Fatal("no port is free for both TCP and UDP")
	return 0
}

// probe asks 127.0.0.1 once.
func probe(t *testing.T, check healthcheck.Check) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	return check.Prober().Probe(ctx, netip.MustParseAddr("127.0.0.1"))
}

// eventually probes until the result is the one that is wanted, for a program
// that takes its time to start.
func eventually(t *testing.T, check healthcheck.Check, want string) {
	t.Helper()
	var err error
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if err = probe(t, check); says(err, want) {
			return
		}
	}
	t.Fatalf("%v: got %v for a minute, want %q", check, err, want)
}

// wants probes once. "" is a pass; what begins with "unknown: " says nothing of
// the endpoint.
func wants(t *testing.T, check healthcheck.Check, want string) {
	t.Helper()
	if err := probe(t, check); !says(err, want) {
		t.Errorf("%+v: got %v, want %q", check, err, want)
	}
}

func says(err error, want string) bool {
	if err == nil || want == "" {
		return err == nil && want == ""
	}
	want, unknown := strings.CutPrefix(want, "unknown: ")
	return strings.HasPrefix(err.Error(), want) && errors.Is(err, healthcheck.ErrCannotAsk) == unknown
}
