package healthcheck

import (
	"errors"
	"net"
	"net/netip"
	"os"
	"syscall"
)

// openDatagram opens a socket that hears only the replies to its own requests
// and, unlike those of x/net/icmp, what routers say of them.
func openDatagram(from, addr netip.Addr) (pingConn, error) {
	conn, err := dialDatagram(from, addr)
	if err != nil {
		return nil, &net.OpError{Op: "dial", Net: "icmp", Addr: ipAddr(addr), Err: err}
	}
	return conn, nil
}

func dialDatagram(from, addr netip.Addr) (*net.UDPConn, error) {
	family, protocol := syscall.AF_INET, syscall.IPPROTO_ICMP
	if addr.Is6() {
		family, protocol = syscall.AF_INET6, syscall.IPPROTO_ICMPV6
	}
	fd, err := syscall.Socket(family, syscall.SOCK_DGRAM|syscall.SOCK_CLOEXEC, protocol)
	if err != nil {
		return nil, os.NewSyscallError("socket", err)
	}
	f := os.NewFile(uintptr(fd), "")
	defer f.Close() // FileConn makes a copy
	if err := setReportUnreachable(fd, addr.Is6()); err != nil {
		return nil, os.NewSyscallError("setsockopt", err)
	}
	if from.IsValid() {
		if err := syscall.Bind(fd, sockaddr(from)); err != nil {
			return nil, os.NewSyscallError("bind", err)
		}
	}
	if err := syscall.Connect(fd, sockaddr(addr)); err != nil {
		return nil, os.NewSyscallError("connect", err)
	}
	conn, err := net.FileConn(f)
	if err != nil {
		return nil, err
	}
	return conn.(*net.UDPConn), nil
}

// sockaddr takes an address without a zone, as those of endpoints are.
func sockaddr(addr netip.Addr) syscall.Sockaddr {
	if addr.Is6() {
		return &syscall.SockaddrInet6{Addr: addr.As16()}
	}
	return &syscall.SockaddrInet4{Addr: addr.As4()}
}

// drain throws away what a raw socket heard before it had a filter, and what
// would leave no room for the reply.
func drain(conn *net.IPConn) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return
	}
	b := make([]byte, 1)
	_ = raw.Read(func(fd uintptr) bool {
		for err == nil || errors.Is(err, syscall.EINTR) {
			_, _, err = syscall.Recvfrom(int(fd), b, syscall.MSG_DONTWAIT)
		}
		return true // do not wait for more
	})
}
