package dial

import (
	"strings"
	"syscall"
)

// reportUnreachable makes a UDP socket report every ICMP error about its peer. By default,
// Linux reports unreachable ports and protocols, but not hosts and networks.
func reportUnreachable(network, _ string, conn syscall.RawConn) error {
	if !strings.HasPrefix(network, "udp") {
		return nil
	}
	var err error
	set := func(fd uintptr) { err = setReportUnreachable(int(fd), strings.HasSuffix(network, "6")) }
	if err := conn.Control(set); err != nil {
		return err
	}
	return err
}

func setReportUnreachable(fd int, v6 bool) error {
	if v6 {
		return syscall.SetsockoptInt(fd, syscall.IPPROTO_IPV6, syscall.IPV6_RECVERR, 1)
	}
	return syscall.SetsockoptInt(fd, syscall.IPPROTO_IP, syscall.IP_RECVERR, 1)
}
