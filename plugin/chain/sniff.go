package chain

import (
	"encoding/binary"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/plugin/pool"
)

// A sniffer hears the messages that come in over connections.
type sniffer struct {
	mu   sync.Mutex // guards the following
	msgs []*dns.Msg
}

// maxHeard is how many messages a sniffer keeps; a lookup needs two.
const maxHeard = 16

// wrap returns c, or what a resolver takes for it. The resolver tells datagrams
// from a stream by the type of the connection.
func (s *sniffer) wrap(c net.Conn) net.Conn {
	if pc, ok := c.(net.PacketConn); ok {
		return &datagrams{Conn: c, PacketConn: packetConn{pc}, heard: s}
	}
	return &stream{Conn: c, heard: s}
}

// hear takes in a message if it answers the query with this id.
func (s *sniffer) hear(b []byte, id uint16) {
	m := new(dns.Msg)
	if m.Unpack(b) != nil || !m.Response || m.Id != id || m.Truncated {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.msgs) < maxHeard {
		s.msgs = append(s.msgs, m)
	}
}

// replies returns what was said of a name.
func (s *sniffer) replies(name string, qtype uint16) (rs []*pool.Reply) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range s.msgs {
		if len(m.Question) != 1 || m.Question[0].Qtype != qtype || !strings.EqualFold(m.Question[0].Name, name) {
			continue
		}
		if r, target, err := read(m, name, qtype, time.Now()); err == nil && target == "" {
			rs = append(rs, r)
		}
	}
	return rs
}

// packetConn has a name of its own because net.Conn has the same methods.
type packetConn struct{ net.PacketConn }

// datagrams are a connection on which every read is a message.
type datagrams struct {
	net.Conn
	PacketConn packetConn
	heard      *sniffer
	id         uint16 // of the query that was sent last
}

var _ net.PacketConn = (*datagrams)(nil)

// ReadFrom implements net.PacketConn.
func (d *datagrams) ReadFrom(b []byte) (int, net.Addr, error) { return d.PacketConn.ReadFrom(b) }

// WriteTo implements net.PacketConn.
func (d *datagrams) WriteTo(b []byte, a net.Addr) (int, error) { return d.PacketConn.WriteTo(b, a) }

func (d *datagrams) Write(b []byte) (int, error) {
	if len(b) >= 2 {
		d.id = binary.BigEndian.Uint16(b)
	}
	return d.Conn.Write(b)
}

func (d *datagrams) Read(b []byte) (int, error) {
	n, err := d.Conn.Read(b)
	d.heard.hear(b[:n], d.id)
	return n, err
}

// A stream is a connection on which messages follow their length.
type stream struct {
	net.Conn
	heard *sniffer
	id    uint16
	buf   []byte // what has come of the message that is on its way
}

func (s *stream) Write(b []byte) (int, error) {
	if len(b) >= 4 {
		s.id = binary.BigEndian.Uint16(b[2:])
	}
	return s.Conn.Write(b)
}

func (s *stream) Read(b []byte) (int, error) {
	n, err := s.Conn.Read(b)
	s.buf = append(s.buf, b[:n]...)
	for len(s.buf) >= 2 {
		end := 2 + int(binary.BigEndian.Uint16(s.buf))
		if len(s.buf) < end {
			break
		}
		s.heard.hear(s.buf[2:end], s.id)
		s.buf = s.buf[end:]
	}
	return n, err
}
