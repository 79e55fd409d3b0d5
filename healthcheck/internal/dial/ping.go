package dial

import (
	"net"
	"net/netip"
	"syscall"
)

// OpenPing opens a datagram socket, or a raw one if the system does not allow that. On Linux
// a datagram socket needs no privilege if the sysctl net.ipv4.ping_group_range includes the
// process. from is the local address, if it is valid.
func OpenPing(from, addr netip.Addr) (conn net.Conn, raw bool, err error) {
	conn, err = openDatagramPing(from, addr)
	if err != nil && (IsForbidden(err) || IsOneOf(err, syscall.EPROTONOSUPPORT)) {
		conn, err = OpenRawPing(from, addr)
		return conn, true, err
	}
	return conn, false, err
}

// IsForbidden reports whether err is about a missing privilege of this process.
func IsForbidden(err error) bool { return IsOneOf(err, syscall.EACCES, syscall.EPERM) }
