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
	conn, err := openPing(netip.Addr{}, to) // which sends nothing
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
func openPing(from, addr netip.Addr) (pingConn, error) {
	conn, err := openDatagram(from, addr)
	if err != nil && (isForbidden(err) || isOneOf(err, syscall.EPROTONOSUPPORT)) {
		return openRaw(from, addr)
	}
	return conn, err
}

func isForbidden(err error) bool { return isOneOf(err, syscall.EACCES, syscall.EPERM) }

// openRaw opens a socket that is not told of unreachable hosts and networks:
// it would be told of those of every process that sends ICMP there.
func openRaw(from, addr netip.Addr) (pingConn, error) {
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

func ipAddr(addr netip.Addr) *net.IPAddr { return &net.IPAddr{IP: addr.AsSlice(), Zone: addr.Zone()} }
