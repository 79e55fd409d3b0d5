package dnsreply

import (
	"context"
	"net"
	"slices"

	"github.com/miekg/dns"
)

// DialNameServer is the Dial of a [net.Resolver] that takes a bare header for an
// answer. Go's resolver ignores one, and so waits for a server that refuses until
// its timeout, before it asks the next.
func DialNameServer(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := new(net.Dialer).DialContext(ctx, network, address)
	if udp, ok := conn.(*net.UDPConn); ok {
		return &nameServerConn{UDPConn: udp}, nil
	}
	return conn, err
}

// A nameServerConn puts the question into replies that leave it out.
type nameServerConn struct {
	*net.UDPConn
	query []byte // that was sent last
}

func (c *nameServerConn) Write(b []byte) (int, error) {
	c.query = slices.Clone(b)
	return c.UDPConn.Write(b)
}

func (c *nameServerConn) Read(b []byte) (int, error) {
	n, err := c.UDPConn.Read(b)
	if err != nil {
		return n, err
	}
	return withQuestion(b, n, c.query), nil
}

// withQuestion returns the length of the reply in b[:n] after it has put the
// question of query into it, if that is missing.
func withQuestion(b []byte, n int, query []byte) int {
	asked := new(dns.Msg)
	if asked.Unpack(query) != nil || len(asked.Question) != 1 {
		return n
	}
	reply, err := Read(asked, b[:n])
	if err != nil || len(reply.Question) > 0 {
		return n
	}
	reply.Question = asked.Question
	packet, err := reply.Pack()
	if err != nil || len(packet) > len(b) {
		return n
	}
	return copy(b, packet)
}
