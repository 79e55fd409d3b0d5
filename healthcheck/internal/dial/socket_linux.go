package dial

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"sync/atomic"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/coredns-failover/failover/healthcheck"
)

// A socket is a connection that takes few system calls. The net package sets options and asks
// for addresses that no probe needs, which is a fifth of the cost of a TCP probe.
type socket struct {
	*os.File
	typ      int // such as syscall.SOCK_STREAM
	from, to netip.AddrPort
	done     bool        // a stream was connected when the socket was opened
	ended    atomic.Bool // the peer has closed it
}

var _ net.Conn = &socket{}

// openSocket opens a socket, calls setUp, and connects from one address to another. The kernel
// chooses from if that is not valid. A stream to another host is not connected yet; see await.
// One to this host is connected or refused within the call.
func openSocket(typ, protocol int, from netip.Addr, to netip.AddrPort, setUp func(fd int, v6 bool) error) (*socket, error) {
	s := &socket{typ: typ, from: netip.AddrPortFrom(from, 0), to: to}
	family := syscall.AF_INET
	if to.Addr().Is6() {
		family = syscall.AF_INET6
	}
	fd, err := syscall.Socket(family, typ|syscall.SOCK_NONBLOCK|syscall.SOCK_CLOEXEC, protocol)
	if err != nil {
		return nil, s.error("dial", os.NewSyscallError("socket", err))
	}
	if err = s.connect(fd, setUp); err == nil && typ == syscall.SOCK_STREAM {
		s.done, err = s.connected(fd)
		err = os.NewSyscallError("connect", err)
	}
	if err != nil {
		syscall.Close(fd)
		return nil, s.error("dial", err)
	}
	// After the connect, so that the poller reports no earlier event, and only if it was not
	// refused: a file costs as much as all of that.
	s.File = os.NewFile(uintptr(fd), "")
	return s, nil
}

func (s *socket) connect(fd int, setUp func(fd int, v6 bool) error) error {
	if err := setUp(fd, s.to.Addr().Is6()); err != nil {
		return os.NewSyscallError("setsockopt", err)
	}
	if s.from.Addr().IsValid() {
		if err := s.bind(fd); err != nil {
			return os.NewSyscallError("bind", err)
		}
	}
	if err := syscall.Connect(fd, sockaddr(s.to)); err != nil && err != syscall.EINPROGRESS {
		return os.NewSyscallError("connect", err)
	}
	return nil
}

// bind binds the address, and leaves the port to connect, which takes one that is free for
// the target; bind would take a port that is free for all targets.
func (s *socket) bind(fd int) error {
	if s.typ == syscall.SOCK_STREAM {
		if err := syscall.SetsockoptInt(fd, unix.SOL_IP, unix.IP_BIND_ADDRESS_NO_PORT, 1); err != nil {
			return err
		}
	}
	return syscall.Bind(fd, sockaddr(s.from))
}

// dialTCP connects until ctx ends.
func dialTCP(ctx context.Context, to netip.AddrPort) (net.Conn, error) {
	s, err := openSocket(syscall.SOCK_STREAM, 0, healthcheck.SourceFor(ctx, to.Addr()), to, noDelay)
	if err != nil {
		return nil, err
	}
	if err := s.await(ctx); err != nil {
		s.File.Close()
		return nil, s.error("dial", err)
	}
	return s, nil
}

func noDelay(fd int, _ bool) error {
	return syscall.SetsockoptInt(fd, syscall.IPPROTO_TCP, syscall.TCP_NODELAY, 1)
}

// await waits until a stream is connected.
func (s *socket) await(ctx context.Context) error {
	if s.done {
		return ctx.Err()
	}
	raw, err := s.SyscallConn()
	if err != nil {
		return err
	}
	stop := EndWith(ctx, s)
	ended := raw.Write(func(fd uintptr) (over bool) {
		over, err = s.connected(int(fd))
		return over
	})
	switch {
	case !stop():
		return ctx.Err() // even if it is connected: EndWith has set its deadline
	case ended != nil:
		return ended
	}
	return os.NewSyscallError("connect", err)
}

// connected reports whether the connect is over, and its error. It asks for the name of the
// peer and for SO_ERROR, where the kernel may leave an ICMP error. A second connect would
// return the same, but drop the data that the peer sent before a reset.
func (s *socket) connected(fd int) (over bool, err error) {
	_, err = syscall.Getpeername(fd)
	if err == nil {
		if isOwn(fd, s.to) {
			return true, syscall.ECONNREFUSED
		}
		return true, nil
	}
	errno, err := syscall.GetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_ERROR)
	switch errno := syscall.Errno(errno); {
	case err != nil:
		return true, err
	case errno == 0:
		return false, nil
	case PeerGone(errno): // it was connected, and has been reset since; a refusal is ECONNREFUSED
		return true, nil
	default:
		return true, errno
	}
}

// isOwn reports whether fd is connected to itself. That happens if nothing listens on a local
// port and the kernel chooses the same port as the source.
func isOwn(fd int, to netip.AddrPort) bool {
	local, err := syscall.Getsockname(fd)
	if err != nil {
		return false
	}
	switch local := local.(type) {
	case *syscall.SockaddrInet4:
		return local.Port == int(to.Port()) && local.Addr == to.Addr().As4()
	case *syscall.SockaddrInet6:
		return local.Port == int(to.Port()) && local.Addr == to.Addr().As16()
	}
	return false
}

// sockaddr returns a as the argument of a system call. a has no zone.
func sockaddr(a netip.AddrPort) syscall.Sockaddr {
	if a.Addr().Is6() {
		return &syscall.SockaddrInet6{Addr: a.Addr().As16(), Port: int(a.Port())}
	}
	return &syscall.SockaddrInet4{Addr: a.Addr().As4(), Port: int(a.Port())}
}

// Read implements [net.Conn]. An empty datagram is not EOF.
func (s *socket) Read(b []byte) (int, error) {
	n, err := s.File.Read(b)
	if err == io.EOF {
		s.ended.Store(true)
		if s.typ != syscall.SOCK_STREAM {
			err = nil
		}
		return n, err
	}
	return n, s.error("read", err)
}

// Write implements [net.Conn].
func (s *socket) Write(b []byte) (int, error) {
	n, err := s.File.Write(b)
	return n, s.error("write", err)
}

// WriteString implements [io.StringWriter] with the errors of Write.
func (s *socket) WriteString(text string) (int, error) { return s.Write([]byte(text)) }

// Close closes a stream as a politeConn does, unless the peer has closed it: then TIME_WAIT
// is at the peer.
func (s *socket) Close() error {
	if s.typ != syscall.SOCK_STREAM || s.ended.Load() {
		return s.File.Close()
	}
	if raw, err := s.SyscallConn(); err == nil {
		_ = raw.Control(func(fd uintptr) {
			syscall.SetsockoptLinger(int(fd), syscall.SOL_SOCKET, syscall.SO_LINGER, &syscall.Linger{Onoff: 1})
			syscall.Shutdown(int(fd), syscall.SHUT_WR)
		})
	}
	return s.File.Close()
}

// LocalAddr returns the address that openSocket was called with.
func (s *socket) LocalAddr() net.Addr { return s.addr(s.from) }

// boundAddr returns the local address and port.
func (s *socket) boundAddr() (addr net.Addr, err error) {
	raw, err := s.SyscallConn()
	if err != nil {
		return nil, err
	}
	var sa syscall.Sockaddr
	if ended := raw.Control(func(fd uintptr) { sa, err = syscall.Getsockname(int(fd)) }); ended != nil {
		return nil, ended
	}
	switch sa := sa.(type) {
	case *syscall.SockaddrInet4:
		return s.addr(netip.AddrPortFrom(netip.AddrFrom4(sa.Addr), uint16(sa.Port))), nil // #nosec G115 -- a port
	case *syscall.SockaddrInet6:
		return s.addr(netip.AddrPortFrom(netip.AddrFrom16(sa.Addr), uint16(sa.Port))), nil // #nosec G115 -- a port
	}
	return nil, os.NewSyscallError("getsockname", err)
}

// RemoteAddr implements [net.Conn].
func (s *socket) RemoteAddr() net.Addr { return s.addr(s.to) }

func (s *socket) addr(a netip.AddrPort) net.Addr {
	switch s.typ {
	case syscall.SOCK_STREAM:
		return net.TCPAddrFromAddrPort(a)
	case syscall.SOCK_DGRAM:
		return net.UDPAddrFromAddrPort(a)
	}
	return ipAddr(a.Addr())
}

// error returns the error of the net package for an error of the os package.
func (s *socket) error(op string, err error) error {
	if err == nil {
		return nil
	}
	var path *os.PathError
	var errno syscall.Errno
	switch {
	case errors.Is(err, os.ErrClosed):
		err = net.ErrClosed
	case errors.As(err, &path) && errors.As(path.Err, &errno):
		err = os.NewSyscallError(op, errno)
	case path != nil:
		err = path.Err
	}
	to := s.RemoteAddr()
	return &net.OpError{Op: op, Net: to.Network(), Source: s.LocalAddr(), Addr: to, Err: err}
}
