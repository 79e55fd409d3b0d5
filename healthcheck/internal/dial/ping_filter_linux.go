package dial

import (
	"errors"
	"net"
	"syscall"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// onlyReplies makes a raw socket receive only echo replies.
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

// FilterPing drops what the socket of a ping received before it was connected. From now on
// it receives only packets that pass program, if that is not nil.
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
			_ = attach(int(fd), program) // if it fails, the reader skips other packets
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
