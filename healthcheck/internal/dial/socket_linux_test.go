package dial

import (
	"errors"
	"io"
	"net"
	"net/netip"
	"syscall"
	"testing"
	"time"

	"github.com/coredns-failover/failover/test/kit"
)

// A connection to itself, which the kernel makes if it chooses the target's port as the
// source, is refused.
func TestSelfConnect(t *testing.T) {
	l := kit.Listen(t, nil)
	own := netip.AddrPortFrom(kit.Loopback, kit.PortOfListener(l))
	l.Close()
	_, err := openSocket(syscall.SOCK_STREAM, 0, netip.Addr{}, own, func(fd int, _ bool) error {
		return syscall.Bind(fd, sockaddr(own))
	})
	if !IsOneOf(err, syscall.ECONNREFUSED) {
		t.Errorf("connected to itself: %v", err)
	}
}

// An empty datagram is not EOF, and errors are those of the net package.
func TestSocketReads(t *testing.T) {
	peer, err := net.ListenUDP("udp4", &net.UDPAddr{IP: kit.Loopback.AsSlice()})
	if err != nil {
		t.Fatal(err)
	}
	to := peer.LocalAddr().(*net.UDPAddr).AddrPort()
	conn, err := Dial(t.Context(), "udp", to.String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.Write([]byte("x"))
	_, from, _ := peer.ReadFromUDPAddrPort(make([]byte, 1))
	peer.WriteToUDPAddrPort(nil, from)
	if n, err := conn.Read(make([]byte, 1)); n != 0 || err != nil {
		t.Errorf("empty datagram: %d, %v", n, err)
	}
	peer.Close()
	conn.Write([]byte("x"))
	conn.SetDeadline(time.Now().Add(20 * time.Second))
	var op *net.OpError
	if _, err := conn.Read(make([]byte, 1)); !IsOneOf(err, syscall.ECONNREFUSED) || !errors.As(err, &op) {
		t.Errorf("refused: %#v", err)
	}
	conn.Close()
	if _, err := conn.Read(make([]byte, 1)); !errors.Is(err, net.ErrClosed) {
		t.Errorf("closed: %#v", err)
	}
	if _, err := io.WriteString(conn, "x"); !errors.As(err, &op) {
		t.Errorf("WriteString: %#v", err)
	}
}

// A second call of connected returns the same.
func TestConnectedAgain(t *testing.T) {
	l := kit.Listen(t, func(net.Conn) {})
	conn, err := dialTCP(t.Context(), netip.AddrPortFrom(kit.Loopback, kit.PortOfListener(l)))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	raw, err := conn.(*socket).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	raw.Control(func(fd uintptr) {
		if over, err := conn.(*socket).connected(int(fd)); !over || err != nil {
			t.Errorf("over %v, %v", over, err)
		}
	})
}
