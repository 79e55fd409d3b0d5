//go:build !linux

package dial

import (
	"net"
	"net/netip"
	"os"
	"syscall"

	"golang.org/x/net/bpf"
)

// openDatagramPing leaves it to OpenRawPing.
func openDatagramPing(_, _ netip.Addr) (net.Conn, error) {
	return nil, os.NewSyscallError("socket", syscall.EPROTONOSUPPORT)
}

// OpenRawPing opens a raw socket.
func OpenRawPing(from, addr netip.Addr) (net.Conn, error) {
	network := "ip4:1"
	if addr.Is6() {
		network = "ip6:58"
	}
	var local *net.IPAddr
	if from.IsValid() {
		local = ipAddr(from)
	}
	conn, err := net.DialIP(network, local, ipAddr(addr))
	if err != nil {
		return nil, err // and no conn that is a nil in an interface
	}
	return conn, nil
}

// FilterPing leaves it to the reader to pass over what a socket hears.
func FilterPing(net.Conn, []bpf.Instruction) {}
