package dial

import (
	"net"
	"net/netip"
	"syscall"
)

// openDatagramPing opens a socket that hears only the replies to its own requests
// and, unlike those of x/net/icmp, what routers say of them.
func openDatagramPing(from, addr netip.Addr) (net.Conn, error) {
	return openICMP(syscall.SOCK_DGRAM, from, addr, setReportUnreachable)
}

// OpenRawPing opens a socket that is not told of unreachable hosts and networks:
// it would be told of those of every process that sends ICMP there.
func OpenRawPing(from, addr netip.Addr) (net.Conn, error) {
	return openICMP(syscall.SOCK_RAW, from, addr, onlyReplies)
}

func openICMP(typ int, from, addr netip.Addr, setUp func(fd int, v6 bool) error) (net.Conn, error) {
	protocol := syscall.IPPROTO_ICMP
	if addr.Is6() {
		protocol = syscall.IPPROTO_ICMPV6
	}
	s, err := openSocket(typ, protocol, from, netip.AddrPortFrom(addr, 0), setUp)
	if err != nil {
		return nil, err // and no conn that is a nil in an interface
	}
	return s, nil
}
