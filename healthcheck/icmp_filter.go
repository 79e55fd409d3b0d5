package healthcheck

import (
	"net"

	"golang.org/x/net/bpf"
	"golang.org/x/net/ipv4"
	"golang.org/x/net/ipv6"
)

// filter keeps messages with other ids away from a raw socket: the replies to a
// few hundred probes of an address would fill its buffer. Where the system has
// no filters they are passed over one by one.
func (e *echo) filter(conn *net.IPConn) {
	if e.protocol == 1 {
		_ = ipv4.NewPacketConn(conn).SetBPF(onlyID(e.body.ID,
			bpf.LoadMemShift{}, // the length of IPv4's header, which comes first
			bpf.LoadIndirect{Off: 4, Size: 2}))
		return
	}
	_ = ipv6.NewPacketConn(conn).SetBPF(onlyID(e.body.ID, bpf.LoadAbsolute{Off: 4, Size: 2}))
}

// onlyID returns a program that takes messages of which load loads this id.
func onlyID(id int, load ...bpf.Instruction) []bpf.RawInstruction {
	program, err := bpf.Assemble(append(load,
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: uint32(id), SkipFalse: 1},
		bpf.RetConstant{Val: 0xffff},
		bpf.RetConstant{Val: 0}))
	if err != nil {
		panic(err) // the program does not depend on anything
	}
	return program
}
