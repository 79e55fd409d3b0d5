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

// An echo is an echo request with random content, by which it recognises its reply.
type echo struct {
	protocol               int
	requestType, replyType icmp.Type
	body                   icmp.Echo
	// raw is set for a raw socket, which receives the replies to all requests. For
	// other sockets the kernel sets the id, and delivers only replies with that id.
	raw bool
}

func newEcho(addr netip.Addr, raw bool) echo {
	e := echo{protocol: 1, requestType: ipv4.ICMPTypeEcho, replyType: ipv4.ICMPTypeEchoReply, raw: raw}
	if addr.Is6() {
		e.protocol, e.requestType, e.replyType = 58, ipv6.ICMPTypeEchoRequest, ipv6.ICMPTypeEchoReply
	}
	nonce := make([]byte, 20)
	rand.Read(nonce)
	e.body.ID, e.body.Seq = word(nonce), word(nonce[2:])
	e.body.Data = nonce[4:]
	return e
}

func word(b []byte) int { return int(binary.BigEndian.Uint16(b)) }

// request returns the message to send. For IPv6 the kernel adds the checksum.
func (e *echo) request() []byte {
	message := icmp.Message{Type: e.requestType, Body: &e.body}
	b, err := message.Marshal(nil)
	if err != nil {
		panic(err) // Marshal fails only if a message is too long
	}
	return b
}

// makeRoom makes room for the reply in the buffer of a raw socket. It drops what was
// received before the socket was connected. If filtered is set, it also installs a
// filter for the replies to others, which costs a third of the probe.
func (e *echo) makeRoom(conn net.Conn, filtered bool) {
	var program []bpf.Instruction
	if filtered {
		program = e.idFilter()
	}
	dial.FilterPing(conn, program)
}

// idFilter returns a BPF program that accepts messages with our id.
func (e *echo) idFilter() []bpf.Instruction {
	load := []bpf.Instruction{bpf.LoadAbsolute{Off: 4, Size: 2}}
	if e.protocol == 1 { // the header of IPv4 comes first
		load = []bpf.Instruction{bpf.LoadMemShift{}, bpf.LoadIndirect{Off: 4, Size: 2}}
	}
	return append(load,
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: uint32(e.body.ID), SkipFalse: 1},
		bpf.RetConstant{Val: 0xffff},
		bpf.RetConstant{Val: 0})
}

// maxEcho is room for our reply with the longest IP header.
const maxEcho = 128

// await reads until the reply comes or conn fails.
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

// message returns b without the IP header, which raw IPv4 sockets deliver too.
func (e *echo) message(b []byte) []byte {
	if !e.raw || e.protocol != 1 || len(b) == 0 {
		return b
	}
	return b[min(len(b), int(b[0]&0xf)<<2):]
}

func (e *echo) isReply(b []byte) bool {
	message, err := icmp.ParseMessage(e.protocol, b)
	if err != nil || message.Type != e.replyType {
		return false
	}
	body, ok := message.Body.(*icmp.Echo)
	return ok && body.Seq == e.body.Seq && bytes.Equal(body.Data, e.body.Data) && (!e.raw || body.ID == e.body.ID)
}
