package healthcheck

import (
	"net"
	"net/netip"
	"syscall"
)

// openPing opens a datagram socket, which needs no privilege where the sysctl
// says so, else a raw one. from is the local address, if it is valid.
func openPing(from, addr netip.Addr) (conn net.Conn, raw bool, err error) {
	conn, err = openDatagram(from, addr)
	if err != nil && (isForbidden(err) || isOneOf(err, syscall.EPROTONOSUPPORT)) {
		conn, err = openRaw(from, addr)
		return conn, true, err
	}
	return conn, false, err
}

func isForbidden(err error) bool { return isOneOf(err, syscall.EACCES, syscall.EPERM) }
