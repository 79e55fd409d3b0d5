package healthcheck

import (
	"errors"
	"net"
	"net/netip"
	"syscall"
)

var errPing = errors.New("expected to be allowed to send echo requests: neither is a group of this process in the range " +
	"of the sysctl net.ipv4.ping_group_range, nor has the process the capability CAP_NET_RAW")

// CanPing returns an error, which says what to do about it, if this process is
// not allowed to send echo requests to addresses of addr's family.
func CanPing(addr netip.Addr) error {
	to := netip.AddrFrom4([4]byte{127, 0, 0, 1})
	if addr.Is6() {
		to = netip.IPv6Loopback()
	}
	conn, _, err := openPing(netip.Addr{}, to) // which sends nothing
	if err == nil {
		return conn.Close()
	}
	if isForbidden(err) {
		return errPing
	}
	return nil
}

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
