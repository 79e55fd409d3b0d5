package dnsreply

import (
	"context"
	"net"
	"slices"

	"github.com/miekg/dns"
)

// DialNameServer is the Dial function of a [net.Resolver] that accepts a reply without a
// question. Go's resolver ignores such a reply, and so waits for its timeout before it asks
// the next server.
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
	query []byte // the last that was sent
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

// withQuestion adds the question of query to the reply in b[:n], if it is missing, and
// returns the new length.
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
