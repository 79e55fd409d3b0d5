package chain

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/plugin/pool"
)

// noTTL is how long the addresses of a name are kept that the host knows without
// a TTL, as from /etc/hosts.
const noTTL = 30 * time.Second

// Host is an Asker that asks the resolver of the host: what /etc/hosts and the
// servers of /etc/resolv.conf say.
func Host(ctx context.Context, name string, qtype uint16) (*pool.Reply, error) {
	return hostVia(ctx, new(net.Dialer).DialContext, name, qtype)
}

type dialFunc func(ctx context.Context, network, address string) (net.Conn, error)

func hostVia(ctx context.Context, dial dialFunc, name string, qtype uint16) (*pool.Reply, error) {
	var heard ttl
	resolver := &net.Resolver{PreferGo: true, StrictErrors: true, Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return heard.listen(conn), nil
	}}
	network := "ip4"
	if qtype == dns.TypeAAAA {
		network = "ip6"
	}
	addrs, err := resolver.LookupNetIP(ctx, network, name)
	var de *net.DNSError
	switch {
	case errors.As(err, &de) && de.IsNotFound:
		return negative(name, qtype, heard.get()), nil
	case err != nil:
		return nil, err
	}
	r := &pool.Reply{Aging: true, At: time.Now(), TTL: heard.get()}
	for _, a := range addrs {
		r.Addrs = append(r.Addrs, record(name, a.Unmap(), r.TTL))
	}
	return r, nil
}

func negative(name string, qtype uint16, ttl time.Duration) *pool.Reply {
	m := new(dns.Msg)
	m.SetQuestion(name, qtype)
	m.Response = true
	return &pool.Reply{Negative: m, Aging: true, At: time.Now(), TTL: ttl}
}

func record(name string, a netip.Addr, ttl time.Duration) dns.RR {
	h := dns.RR_Header{Name: name, Class: dns.ClassINET, Ttl: uint32(ttl / time.Second)} // #nosec G115 -- an hour at most
	if a.Is4() {
		h.Rrtype = dns.TypeA
		return &dns.A{Hdr: h, A: a.AsSlice()}
	}
	h.Rrtype = dns.TypeAAAA
	return &dns.AAAA{Hdr: h, AAAA: a.AsSlice()}
}

// A ttl is the least that was heard while the resolver of Go, which does not
// tell, talked to servers.
type ttl struct {
	mu    sync.Mutex // guards the following
	least time.Duration
	heard bool
}

// get returns how long an answer may be kept.
func (t *ttl) get() time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.heard {
		return noTTL
	}
	return min(max(minKeep, t.least), maxKeep)
}

func (t *ttl) note(packet []byte) {
	var m dns.Msg
	if m.Unpack(packet) != nil || !m.Response {
		return
	}
	least, said := noTTL, false
	for _, rr := range m.Answer {
		if d := time.Duration(rr.Header().Ttl) * time.Second; !said || d < least {
			least, said = d, true
		}
	}
	for _, rr := range m.Ns {
		if soa, ok := rr.(*dns.SOA); ok && !said {
			least, said = time.Duration(min(soa.Hdr.Ttl, soa.Minttl))*time.Second, true
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if said && (!t.heard || least < t.least) {
		t.least, t.heard = least, true
	}
}

// listen returns conn, with what it reads overheard. A net.Resolver tells UDP
// from TCP by the type of the connection.
func (t *ttl) listen(conn net.Conn) net.Conn {
	if p, ok := conn.(net.PacketConn); ok {
		return &packetEar{ear{Conn: conn, ttl: t}, p}
	}
	return &ear{Conn: conn, ttl: t, stream: true}
}

// An ear reads along.
type ear struct {
	net.Conn
	ttl    *ttl
	stream bool
	read   []byte
}

func (e *ear) Read(b []byte) (int, error) {
	n, err := e.Conn.Read(b)
	if !e.stream {
		e.ttl.note(b[:n])
		return n, err
	}
	e.read = append(e.read, b[:n]...)
	for len(e.read) >= 2 {
		size := 2 + int(e.read[0])<<8 + int(e.read[1])
		if len(e.read) < size {
			break
		}
		e.ttl.note(e.read[2:size])
		e.read = e.read[size:]
	}
	return n, err
}

type packetEar struct {
	ear
	net.PacketConn
}
