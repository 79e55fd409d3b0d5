package lookup

import (
	"net"
	"net/netip"

	"github.com/miekg/dns"
)

// A writer keeps the answer to a query of this package.
type writer struct {
	dns.ResponseWriter      // of the client
	overTCP            bool // the answer may have any length
	msg                *dns.Msg
}

// RemoteAddr returns the client's address. From its type, plugins tell how long an answer
// may be, and forward whether to use TCP.
func (w *writer) RemoteAddr() net.Addr {
	a := w.ResponseWriter.RemoteAddr()
	ap, err := netip.ParseAddrPort(a.String())
	switch {
	case err != nil:
		return a
	case w.overTCP:
		return net.TCPAddrFromAddrPort(ap)
	default:
		return net.UDPAddrFromAddrPort(ap)
	}
}

// WriteMsg keeps the first answer, as a client would.
func (w *writer) WriteMsg(m *dns.Msg) error {
	if w.msg == nil {
		w.msg = m
	}
	return nil
}

// Write keeps a packed answer.
func (w *writer) Write(b []byte) (int, error) {
	m := new(dns.Msg)
	if err := m.Unpack(b); err != nil {
		return 0, err
	}
	return len(b), w.WriteMsg(m)
}

// Close does nothing: the connection is the client's.
func (w *writer) Close() error { return nil }

// Hijack does nothing.
func (w *writer) Hijack() {}

// ownClient is the client of lookups that are for no client.
type ownClient struct{}

var loopback = net.UDPAddrFromAddrPort(netip.MustParseAddrPort("127.0.0.1:53"))

func (ownClient) LocalAddr() net.Addr         { return loopback }
func (ownClient) RemoteAddr() net.Addr        { return loopback }
func (ownClient) WriteMsg(*dns.Msg) error     { return nil }
func (ownClient) Write(b []byte) (int, error) { return len(b), nil }
func (ownClient) Close() error                { return nil }
func (ownClient) TsigStatus() error           { return nil }
func (ownClient) TsigTimersOnly(bool)         {}
func (ownClient) Hijack()                     {}
