package dial

import (
	"net"
	"net/netip"
	"syscall"
)

// openDatagramPing opens a socket that receives only the replies to its own requests. Unlike
// those of x/net/icmp, it also reports the ICMP errors of routers.
func openDatagramPing(from, addr netip.Addr) (net.Conn, error) {
	return openICMP(syscall.SOCK_DGRAM, from, addr, setReportUnreachable)
}

// OpenRawPing opens a raw socket. It does not report ICMP errors, which could be about the
// packets of other processes.
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
		return nil, err // not s: a nil *socket in an interface is not nil
	}
	return s, nil
}
