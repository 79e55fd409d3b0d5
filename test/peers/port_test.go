package peers

import (
	"net"
	"os"
	"strconv"
	"sync/atomic"
	"syscall"
	"testing"
)

// ports counts up below the range from which the kernel takes the ports of outgoing
// connections, from another port in each process: none is given out twice, and
// nobody takes one before the program that it is for has started.
var ports atomic.Uint32

// vacant returns a port of loopback that is free for TCP and UDP.
func vacant(t *testing.T) uint16 {
	t.Helper()
	for range 1000 {
		port := uint16(10000 + (uint32(os.Getpid())*7919+ports.Add(1))%20000) // #nosec G115 -- below 30000
		if isFree("127.0.0.1:" + strconv.Itoa(int(port))) {
			return port
		}
	}
	t.Fatal("no port is free for both TCP and UDP")
	return 0
}

// freePort is vacant for text.
func freePort(t *testing.T) string {
	t.Helper()
	return strconv.Itoa(int(vacant(t)))
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
