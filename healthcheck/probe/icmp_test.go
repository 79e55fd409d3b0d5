package probe

import (
	"errors"
	"net"
	"net/netip"
	"os"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/net/icmp"
	"golang.org/x/net/ipv4"
	"golang.org/x/net/ipv6"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/test/kit"
)

// needPing skips the test if this process may not ping.
func needPing(t testing.TB) {
	t.Helper()
	if err := CanPing(kit.Loopback); err != nil {
		t.Skip(err)
	}
}

func TestICMP(t *testing.T) {
	needPing(t)
	for _, addr := range []string{"127.0.0.1", "127.0.0.2", "::1"} {
		kit.WantError(t, ask(t, ICMP{}.Prober(), addr), "")
	}
	err := ask(t, ICMP{}.Prober(), "fe80::1") // without a zone
	if err == nil || !errors.Is(err, healthcheck.ErrInconclusive) {
		t.Errorf("%v is not inconclusive", err)
	}
}

// Concurrent probes of many addresses, several of each, get their own replies and leave no
// descriptor open.
func TestManyPings(t *testing.T) {
	needPing(t)
	before := descriptors(t)
	p := ICMP{}.Prober()
	var all sync.WaitGroup
	for i := range 500 {
		addr := netip.AddrFrom4([4]byte{127, 0, 0, byte(1 + i%100)})
		all.Go(func() { kit.WantError(t, ask(t, p, addr.String()), "") })
	}
	all.Wait()
	if after := descriptors(t); after > before+2 { // the poller's own
		t.Errorf("%d descriptors before, %d after", before, after)
	}
}

func descriptors(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}

// Only the reply to our own request is accepted.
func TestEchoReplies(t *testing.T) {
	other := netip.IPv6Loopback()
	for _, raw := range []bool{true, false} {
		for _, addr := range []netip.Addr{kit.Loopback, other} {
			e := newEcho(addr, raw)
			reply := func(edit func(*icmp.Message, *icmp.Echo)) []byte {
				body := e.body
				m := icmp.Message{Type: e.replyType, Body: &body}
				edit(&m, &body)
				b, err := m.Marshal(nil)
				if err != nil {
					t.Fatal(err)
				}
				return b
			}
			tests := []struct {
				name string
				edit func(*icmp.Message, *icmp.Echo)
				want bool
			}{
				{"reply", func(*icmp.Message, *icmp.Echo) {}, true},
				{"our own request", func(m *icmp.Message, _ *icmp.Echo) { m.Type = e.requestType }, false},
				{"unreachable", func(m *icmp.Message, _ *icmp.Echo) { m.Type = ipv4.ICMPTypeDestinationUnreachable }, false},
				{"the other family", func(m *icmp.Message, _ *icmp.Echo) { m.Type = otherFamily(e.replyType) }, false},
				{"id", func(_ *icmp.Message, b *icmp.Echo) { b.ID ^= 1 }, !raw},
				{"sequence", func(_ *icmp.Message, b *icmp.Echo) { b.Seq ^= 1 }, false},
				{"nonce", func(_ *icmp.Message, b *icmp.Echo) { b.Data = append([]byte{b.Data[0] ^ 1}, b.Data[1:]...) }, false},
				{"less", func(_ *icmp.Message, b *icmp.Echo) { b.Data = b.Data[1:] }, false},
				{"nothing", func(_ *icmp.Message, b *icmp.Echo) { b.Data = nil }, false},
			}
			for _, tc := range tests {
				if got := e.isReply(reply(tc.edit)); got != tc.want {
					t.Errorf("%v, raw %v: %s: %v, want %v", addr, raw, tc.name, got, tc.want)
				}
			}
			if e.isReply(nil) || e.isReply([]byte{0, 0, 0}) {
				t.Error("a stump passes")
			}
		}
	}
}

func otherFamily(reply icmp.Type) icmp.Type {
	if reply == ipv4.ICMPTypeEchoReply {
		return ipv6.ICMPTypeEchoReply
	}
	return ipv4.ICMPTypeEchoReply
}

// A peer that sends other replies without end fails the probe at its timeout.
func TestWrongReplies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dial := pipes(func(conn net.Conn) {
			request := newEcho(kit.Loopback, false)
			request.requestType = request.replyType
			conn.Read(make([]byte, maxEcho))
			for {
				if _, err := conn.Write(request.request()); err != nil {
					return
				}
				time.Sleep(time.Millisecond)
			}
		})
		p := icmpProber{func(_, _ netip.Addr) (net.Conn, bool, error) {
			conn, err := dial(t.Context(), "", "")
			return conn, false, err
		}}
		kit.WantError(t, within(t, p, time.Second), "waiting for the echo reply: no answer within 1s")
		time.Sleep(time.Second) // until the peer wakes up and finds the connection closed
	})
}
