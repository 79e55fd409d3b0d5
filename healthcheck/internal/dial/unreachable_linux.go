package dial

import (
	"strings"
	"syscall"
)

// reportUnreachable lets a socket of UDP report every ICMP message that says that its
// peer cannot be reached. Otherwise Linux tells a connected socket of the port
// and protocol only, and not of the host and network.
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
