package kit

import (
	"net"
	"os"
	"strconv"
	"sync/atomic"
	"syscall"
	"testing"
)

// ports counts up below the range from which the kernel takes the ports of outgoing
// connections, from another port in each process: none is given out twice, and nothing
// takes one before the program that it is for has started.
var ports atomic.Uint32

// FreePort returns a port of ip that is free for TCP and UDP.
func FreePort(t testing.TB, ip string) uint16 {
	t.Helper()
	for range 1000 {
		port := uint16(10000 + (uint32(os.Getpid())*7919+ports.Add(1))%20000) // #nosec G115 -- below 30000
		if isFree(net.JoinHostPort(ip, strconv.Itoa(int(port)))) {
			return port
		}
	}
	t.Fatalf("no port of %s is free for both TCP and UDP", ip)
	return 0
}

// isFree tries a port. No process is forked meanwhile: until it has become another
// program, it would hold the port too.
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
