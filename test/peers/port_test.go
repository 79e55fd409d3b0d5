package peers

import (
	"strconv"
	"testing"

	"github.com/coredns-failover/failover/test/kit"
)

// vacant returns a port of 127.0.0.1 that is free for TCP and UDP.
func vacant(t *testing.T) uint16 {
	t.Helper()
	return kit.FreePort(t, "127.0.0.1")
}

// freePort returns such a port as text.
func freePort(t *testing.T) string {
	t.Helper()
	return strconv.Itoa(int(vacant(t)))
}
