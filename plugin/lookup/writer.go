package lookup

import (
	"net"
	"net/netip"

	"github.com/miekg/dns"
)

// A writer takes the answer to a query of ours.
type writer struct {
	dns.ResponseWriter      // of the client for whom we ask
	overTCP            bool // the plugins may answer at any length
	msg                *dns.Msg
}

// RemoteAddr returns the client's address. Its type tells plugins how long an
// answer may be, and forward how to ask.
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

// WriteMsg takes the answer. The first is what a client would see.
func (w *writer) WriteMsg(m *dns.Msg) error {
	if w.msg == nil {
		w.msg = m
	}
	return nil
}

// Write takes an answer that is packed.
func (w *writer) Write(b []byte) (int, error) {
	m := new(dns.Msg)
	if err := m.Unpack(b); err != nil {
		return 0, err
	}
	return len(b), w.WriteMsg(m)
}

// Close does nothing: the client's connection is not ours to close.
func (w *writer) Close() error { return nil }

// Hijack does nothing.
func (w *writer) Hijack() {}

// ownClient is the client on whose behalf we ask when nobody waits for the answer.
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
