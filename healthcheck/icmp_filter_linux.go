package healthcheck

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

// tidy leaves room for the reply in the buffer of a raw socket: it throws away
// what was heard before the socket was connected and, in a crowd, keeps replies
// to others away as well. The kernel compiles a filter for that, which costs a
// third of the probe.
func (e *echo) tidy(conn net.Conn, crowd bool) {
	s, ok := conn.(*socket)
	if !ok {
		return
	}
	raw, err := s.SyscallConn()
	if err != nil {
		return
	}
	_ = raw.Control(func(fd uintptr) {
		if crowd {
			_ = attach(int(fd), e.onlyOurs()) // without it they are passed over one by one
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

// onlyOurs returns a program that takes messages with our id.
func (e *echo) onlyOurs() []bpf.Instruction {
	load := []bpf.Instruction{bpf.LoadAbsolute{Off: 4, Size: 2}}
	if e.protocol == 1 { // the header of IPv4 comes first
		load = []bpf.Instruction{bpf.LoadMemShift{}, bpf.LoadIndirect{Off: 4, Size: 2}}
	}
	return append(load,
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: uint32(e.body.ID), SkipFalse: 1},
		bpf.RetConstant{Val: 0xffff},
		bpf.RetConstant{Val: 0})
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
