package probe

import (
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"net"
	"net/netip"

	"golang.org/x/net/bpf"
	"golang.org/x/net/icmp"
	"golang.org/x/net/ipv4"
	"golang.org/x/net/ipv6"

	"github.com/coredns-failover/failover/healthcheck/internal/dial"
)

// An echo is a request that no other has the like of, and so knows its reply.
type echo struct {
	protocol  int
	ask, want icmp.Type
	body      icmp.Echo
	// raw sockets hear the replies to everybody's requests, with the id that
	// was sent. One that is not gets an id from the kernel, and only its own.
	raw bool
}

func newEcho(addr netip.Addr, raw bool) echo {
	e := echo{protocol: 1, ask: ipv4.ICMPTypeEcho, want: ipv4.ICMPTypeEchoReply, raw: raw}
	if addr.Is6() {
		e.protocol, e.ask, e.want = 58, ipv6.ICMPTypeEchoRequest, ipv6.ICMPTypeEchoReply
	}
	nonce := make([]byte, 20)
	rand.Read(nonce)
	e.body.ID, e.body.Seq = word(nonce), word(nonce[2:])
	e.body.Data = nonce[4:]
	return e
}

func word(b []byte) int { return int(binary.BigEndian.Uint16(b)) }

// request returns the message. The kernel fills in the checksum of IPv6.
func (e *echo) request() []byte {
	message := icmp.Message{Type: e.ask, Body: &e.body}
	b, err := message.Marshal(nil)
	if err != nil {
		panic(err) // no such message has a length that does not fit
	}
	return b
}

// tidy leaves room for the reply in the buffer of a raw socket: it throws away
// what was heard before the socket was connected and, in a crowd, keeps replies
// to others away as well. The kernel compiles a filter for that, which costs a
// third of the probe.
func (e *echo) tidy(conn net.Conn, crowd bool) {
	var program []bpf.Instruction
	if crowd {
		program = e.onlyOurs()
	}
	dial.FilterPing(conn, program)
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

// maxEcho is room for our reply with the longest header of IP.
const maxEcho = 128

// await reads until the reply comes, or conn ends.
func (e *echo) await(conn net.Conn) error {
	b := make([]byte, maxEcho)
	for {
		n, err := conn.Read(b)
		if err != nil {
			return err
		}
		if e.isReply(e.message(b[:n])) {
			return nil
		}
	}
}

// message returns what is behind the header of IP, which raw sockets of IPv4
// leave in front.
func (e *echo) message(b []byte) []byte {
	if !e.raw || e.protocol != 1 || len(b) == 0 {
		return b
	}
	return b[min(len(b), int(b[0]&0xf)<<2):]
}

func (e *echo) isReply(b []byte) bool {
	message, err := icmp.ParseMessage(e.protocol, b)
	if err != nil || message.Type != e.want {
		return false
	}
	body, ok := message.Body.(*icmp.Echo)
	return ok && body.Seq == e.body.Seq && bytes.Equal(body.Data, e.body.Data) && (!e.raw || body.ID == e.body.ID)
}
