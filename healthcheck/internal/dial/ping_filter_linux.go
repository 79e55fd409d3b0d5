package dial

import (
	"errors"
	"net"
	"syscall"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// onlyReplies keeps all but echo replies away from a raw socket.
func onlyReplies(fd int, v6 bool) error {
	const icmpFilter, echoReply, echoReply6 = 1, 0, 129 // of linux/icmp.h
	if !v6 {
		return syscall.SetsockoptInt(fd, syscall.SOL_RAW, icmpFilter, ^(1 << echoReply))
	}
	var blocked syscall.ICMPv6Filter
	for i := range blocked.Data {
		blocked.Data[i] = ^uint32(0)
	}
	blocked.Data[echoReply6/32] &^= 1 << (echoReply6 % 32)
	return syscall.SetsockoptICMPv6Filter(fd, syscall.IPPROTO_ICMPV6, syscall.ICMPV6_FILTER, &blocked)
}

// FilterPing throws away what the socket of a ping heard before it was connected and,
// from now on, what program keeps away, unless that is nil.
func FilterPing(conn net.Conn, program []bpf.Instruction) {
	s, ok := conn.(*socket)
	if !ok {
		return
	}
	raw, err := s.SyscallConn()
	if err != nil {
		return
	}
	_ = raw.Control(func(fd uintptr) {
		if program != nil {
			_ = attach(int(fd), program) // without it they are passed over one by one
		}
		drain(int(fd))
	})
}

func drain(fd int) {
	var b [1]byte
	for err := error(nil); err == nil || errors.Is(err, syscall.EINTR); {
		_, _, err = unix.Recvfrom(fd, b[:], unix.MSG_DONTWAIT)
	}
}

func attach(fd int, program []bpf.Instruction) error {
	code := make([]unix.SockFilter, len(program))
	for i, instruction := range program {
		raw, err := instruction.Assemble()
		if err != nil {
			return err
		}
		code[i] = unix.SockFilter{Code: raw.Op, Jt: raw.Jt, Jf: raw.Jf, K: raw.K}
	}
	return unix.SetsockoptSockFprog(fd, unix.SOL_SOCKET, unix.SO_ATTACH_FILTER, &unix.SockFprog{Len: uint16(len(code)), Filter: &code[0]})
}
