//go:build !linux

package dial

import (
	"net"
	"net/netip"
	"os"
	"syscall"

	"golang.org/x/net/bpf"
)

// openDatagramPing returns an error that makes OpenPing call OpenRawPing.
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
		return nil, err // not conn: a nil *net.IPConn in an interface is not nil
	}
	return conn, nil
}

// FilterPing does nothing: the reader skips other packets.
func FilterPing(net.Conn, []bpf.Instruction) {}
