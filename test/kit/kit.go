package kit

import (
	"net"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// Write writes a file.
func Write(t testing.TB, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// Age sets the time of a file an hour back, so that every later write changes it.
func Age(t testing.TB, path string) {
	t.Helper()
	past := time.Now().Add(-time.Hour)
	if err := os.Chtimes(path, past, past); err != nil {
		t.Fatal(err)
	}
}

// Listen calls handle with every connection to a port of loopback, and closes the connection when handle returns.
func Listen(t testing.TB, handle func(net.Conn)) net.Listener {
	t.Helper()
	return ListenOn(t, "127.0.0.1:0", handle)
}

// ListenOn does what [Listen] does at an address with a port.
func ListenOn(t testing.TB, addr string, handle func(net.Conn)) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				handle(conn)
			}()
		}
	}()
	return l
}

// PortOfListener returns the TCP port of l.
func PortOfListener(l net.Listener) uint16 { return uint16(l.Addr().(*net.TCPAddr).Port) }

// WantError checks that the text of err starts with want, or that err is nil if want is "".
func WantError(t testing.TB, err error, want string) {
	t.Helper()
	switch {
	case err == nil && want == "":
	case err == nil:
		t.Errorf("passes, want %q", want)
	case want == "":
		t.Errorf("fails: %v", err)
	case !strings.HasPrefix(err.Error(), want):
		t.Errorf("fails with %q, want %q", err, want)
	}
}

// Loopback is 127.0.0.1.
var Loopback = netip.MustParseAddr("127.0.0.1")

// Reply returns a reply to query with the RRs in the answer section.
func Reply(t testing.TB, query *dns.Msg, rcode int, rrs ...string) *dns.Msg {
	t.Helper()
	m := new(dns.Msg).SetRcode(query, rcode)
	for _, s := range rrs {
		rr, err := dns.NewRR(s)
		if err != nil {
			t.Fatal(err)
		}
		m.Answer = append(m.Answer, rr)
	}
	return m
}

// ServeDNS answers queries over UDP and TCP on loopback, and returns the port.
func ServeDNS(t testing.TB, handle dns.HandlerFunc) uint16 {
	t.Helper()
	udp, tcp := listenBoth(t)
	for _, server := range []*dns.Server{{PacketConn: udp, Handler: handle}, {Listener: tcp, Handler: handle}} {
		started := make(chan bool)
		server.NotifyStartedFunc = func() { close(started) }
		go server.ActivateAndServe()
		<-started
		t.Cleanup(func() { server.Shutdown() })
	}
	return PortOfListener(tcp)
}

// listenBoth listens on the same port for UDP and TCP.
func listenBoth(t testing.TB) (net.PacketConn, net.Listener) {
	t.Helper()
	for range 100 {
		udp, err := net.ListenPacket("udp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		tcp, err := net.Listen("tcp", udp.LocalAddr().String())
		if err == nil {
			return udp, tcp
		}
		udp.Close()
	}
	t.Fatal("no port is free for both transports")
	return nil, nil
}
