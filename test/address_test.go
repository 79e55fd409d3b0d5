package test

import (
	"fmt"
	"net"
	"os"
	"strconv"
	"sync/atomic"
	"syscall"
	"testing"
)

// used counts the addresses that were given out. It begins somewhere else in
// each process, for tests that run side by side.
var used atomic.Uint32

func init() { used.Store(uint32(os.Getpid()) * 251) }

// loopback returns an IPv4 loopback address that no other test has.
func loopback() string {
	n := used.Add(1)
	return fmt.Sprintf("127.%d.%d.%d", 1+n/254/256%254, n/254%256, 1+n%254)
}

// ports counts up below the range from which the kernel takes the ports of
// outgoing connections. Where it begins has another step from process to process
// than where used does: two that have come to the same address have then not come
// to the same port.
var ports atomic.Uint32

// freePort returns a port of ip that is free for TCP and UDP.
func freePort(t *testing.T, ip string) string {
	t.Helper()
	for range 1000 {
		port := strconv.Itoa(10000 + int((uint32(os.Getpid())*7919+ports.Add(1))%20000))
		if isFree(net.JoinHostPort(ip, port)) {
			return port
		}
	}
	t.Fatalf("no free port on %s", ip)
	return ""
}

// isFree tries a port. No process is forked meanwhile: until it has become
// another program, it would hold the port too, and for longer.
func isFree(addr string) bool {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return false
	}
	defer l.Close()
	p, err := net.ListenPacket("udp", addr)
	if err != nil {
		return false
	}
	return p.Close() == nil
}
