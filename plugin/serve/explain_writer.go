package serve

import (
	"net"
	"net/netip"
	"strings"

	"github.com/miekg/dns"
)

// An explainWriter keeps the answer to a query of a client that did not send it.
type explainWriter struct {
	remote, local net.Addr
	msg           *dns.Msg
}

// newExplainWriter returns the writer of a query by client at a server, an address with a
// scheme.
func newExplainWriter(client netip.Addr, server string) *explainWriter {
	_, hostport, _ := strings.Cut(server, "://")
	local, err := netip.ParseAddrPort(hostport)
	if err != nil { // it has a port alone
		local = netip.AddrPortFrom(netip.IPv6Unspecified(), 0)
	}
	return &explainWriter{
		remote: net.UDPAddrFromAddrPort(netip.AddrPortFrom(client, 0)),
		local:  net.UDPAddrFromAddrPort(local),
	}
}

func (w *explainWriter) LocalAddr() net.Addr  { return w.local }
func (w *explainWriter) RemoteAddr() net.Addr { return w.remote }

// WriteMsg keeps the first answer.
func (w *explainWriter) WriteMsg(m *dns.Msg) error {
	if w.msg == nil {
		w.msg = m
	}
	return nil
}

// Write keeps a packed answer.
func (w *explainWriter) Write(b []byte) (int, error) {
	m := new(dns.Msg)
	if err := m.Unpack(b); err != nil {
		return 0, err
	}
	return len(b), w.WriteMsg(m)
}

func (*explainWriter) Close() error        { return nil }
func (*explainWriter) TsigStatus() error   { return nil }
func (*explainWriter) TsigTimersOnly(bool) {}
func (*explainWriter) Hijack()             {}
