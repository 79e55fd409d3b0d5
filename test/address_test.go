package test

import (
	"fmt"
	"os"
	"strconv"
	"sync/atomic"
	"testing"

	"github.com/coredns-failover/failover/test/kit"
)

// used counts the addresses that were given out. Its start differs between
// processes, for tests that run side by side.
var used atomic.Uint32

// The factor is not that of [kit.FreePort]: two processes that have come to the same
// address have then not come to the same port.
func init() { used.Store(uint32(os.Getpid()) * 251) }

// loopback returns an IPv4 loopback address that no other test has.
func loopback() string {
	n := used.Add(1)
	return fmt.Sprintf("127.%d.%d.%d", 1+n/254/256%254, n/254%256, 1+n%254)
}

// freePort returns a port of ip that is free for TCP and UDP.
func freePort(t *testing.T, ip string) string {
	t.Helper()
	return strconv.Itoa(int(kit.FreePort(t, ip)))
}
