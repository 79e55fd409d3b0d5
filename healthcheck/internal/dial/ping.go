package dial

import (
	"net"
	"net/netip"
	"syscall"
)

// OpenPing opens a datagram socket, which needs no privilege where the sysctl
// says so, else a raw one. from is the local address, if it is valid.
func OpenPing(from, addr netip.Addr) (conn net.Conn, raw bool, err error) {
	conn, err = openDatagramPing(from, addr)
	if err != nil && (IsForbidden(err) || IsOneOf(err, syscall.EPROTONOSUPPORT)) {
		conn, err = OpenRawPing(from, addr)
		return conn, true, err
	}
	return conn, false, err
}

// IsForbidden reports whether err says that this process lacks a privilege.
func IsForbidden(err error) bool { return IsOneOf(err, syscall.EACCES, syscall.EPERM) }
