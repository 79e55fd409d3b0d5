package lookup

import (
	"encoding/binary"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/plugin/pool"
)

// A recorder keeps the replies that arrive on connections of Go's resolver, which does
// not return their TTLs.
type recorder struct {
	mu   sync.Mutex // guards the following
	msgs []*dns.Msg
}

// maxRecorded is how many messages a recorder keeps; a lookup needs two.
const maxRecorded = 16

// wrap returns a connection that records what is read from c. It is a net.PacketConn if
// c is: the resolver tells UDP from TCP by that.
func (s *recorder) wrap(c net.Conn) net.Conn {
	if pc, ok := c.(net.PacketConn); ok {
		return &datagrams{Conn: c, PacketConn: packetConn{pc}, recorder: s}
	}
	return &stream{Conn: c, recorder: s}
}

// add keeps a message if it is the reply to the query with this ID.
func (s *recorder) add(b []byte, id uint16) {
	m := new(dns.Msg)
	if m.Unpack(b) != nil || !m.Response || m.Id != id || m.Truncated {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.msgs) < maxRecorded {
		s.msgs = append(s.msgs, m)
	}
}

// replies returns the replies for a name.
func (s *recorder) replies(name string, qtype uint16) (rs []*pool.Reply) {
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

// packetConn is a type because an embedded net.PacketConn would clash with net.Conn.
type packetConn struct{ net.PacketConn }

// datagrams is a connection on which every read is one message.
type datagrams struct {
	net.Conn
	PacketConn packetConn
	recorder   *recorder
	query      []byte // the last one sent
}

var _ net.PacketConn = (*datagrams)(nil)

// ReadFrom implements net.PacketConn.
func (d *datagrams) ReadFrom(b []byte) (int, net.Addr, error) { return d.PacketConn.ReadFrom(b) }

// WriteTo implements net.PacketConn.
func (d *datagrams) WriteTo(b []byte, a net.Addr) (int, error) { return d.PacketConn.WriteTo(b, a) }

func (d *datagrams) Write(b []byte) (int, error) {
	d.query = slices.Clone(b)
	return d.Conn.Write(b)
}

// Read reads the next message. After one of a server without EDNS, it sends the query
// again without it and reads on.
func (d *datagrams) Read(b []byte) (int, error) {
	for {
		n, err := d.Conn.Read(b)
		plain := withoutEDNS(d.query, b[:n])
		if err != nil || plain == nil {
			d.recorder.add(b[:n], idOf(d.query))
			return n, err
		}
		if _, err := d.Write(plain); err != nil {
			return 0, err
		}
	}
}

// A stream is a connection on which each message follows its length.
type stream struct {
	net.Conn
	recorder *recorder
	query    []byte // the last one sent, without its length
	buf      []byte // the unread rest of a message
}

func (s *stream) Write(b []byte) (int, error) {
	s.query = slices.Clone(b[min(2, len(b)):])
	return s.Conn.Write(b)
}

// Read reads from the current message, or the next after its end. For EDNS, see
// [datagrams.Read].
func (s *stream) Read(b []byte) (int, error) {
	for len(s.buf) == 0 {
		m, err := readMessage(s.Conn)
		if err != nil {
			return 0, err
		}
		plain := withoutEDNS(s.query, m[2:])
		if plain == nil {
			s.recorder.add(m[2:], idOf(s.query))
			s.buf = m
			break
		}
		if _, err := s.Write(withLength(plain)); err != nil {
			return 0, err
		}
	}
	n := copy(b, s.buf)
	s.buf = s.buf[n:]
	return n, nil
}

// readMessage reads a message and returns it with its length.
func readMessage(r io.Reader) ([]byte, error) {
	var length [2]byte
	if _, err := io.ReadFull(r, length[:]); err != nil {
		return nil, err
	}
	m := withLength(make([]byte, binary.BigEndian.Uint16(length[:])))
	_, err := io.ReadFull(r, m[2:])
	return m, err
}

func withLength(b []byte) []byte {
	return append(binary.BigEndian.AppendUint16(nil, uint16(len(b))), b...) // #nosec G115 -- of a message
}

func idOf(b []byte) uint16 {
	if len(b) < 2 {
		return 0
	}
	return binary.BigEndian.Uint16(b)
}
