package dial

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/healthcheck"
)

// A probe sends from the source of its family.
func TestSource(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	from := make(chan string, 1)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			from <- c.RemoteAddr().(*net.TCPAddr).IP.String()
			c.Close()
		}
	}()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	v4, v6 := netip.MustParseAddr("127.0.0.7"), netip.MustParseAddr("::1")
	tests := []struct {
		name   string
		host   string
		v4, v6 netip.Addr
		want   string // "" is an inconclusive error
	}{
		{"none", "127.0.0.1", netip.Addr{}, netip.Addr{}, "127.0.0.1"},
		{"of the family", "127.0.0.1", v4, netip.Addr{}, "127.0.0.7"},
		{"of the other family", "127.0.0.1", netip.Addr{}, v6, "127.0.0.1"},
		{"of a name", "localhost", v4, netip.Addr{}, "127.0.0.7"},
		{"not of this host", "127.0.0.1", netip.MustParseAddr("192.0.2.1"), netip.Addr{}, ""},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			conn, err := Dial(healthcheck.WithSources(ctx, tc.v4, tc.v6), "tcp", net.JoinHostPort(tc.host, port))
			if tc.want == "" {
				if err = Error(ctx, err); !errors.Is(err, healthcheck.ErrInconclusive) {
					t.Errorf("got %v, want an inconclusive error", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			if got := <-from; got != tc.want {
				t.Errorf("came from %s, want %s", got, tc.want)
			}
		})
	}
}

// A name may have addresses of one family only, with a source or without.
func TestSourceOfName(t *testing.T) {
	d := newDialer()
	d.Resolver = resolverOf(t, "v4.example. 0 IN A 127.0.0.1", "v6.example. 0 IN AAAA ::1")
	v4, v6, none := netip.MustParseAddr("127.0.0.7"), netip.MustParseAddr("::1"), netip.Addr{}
	tests := []struct {
		name   string
		v4, v6 netip.Addr
		want   string
	}{
		{"v4.example.:9", v4, v6, "127.0.0.7"},
		{"v4.example.:9", none, v6, "127.0.0.1"},
		{"v6.example.:9", v4, v6, "::1"},
		{"v6.example.:9", v4, none, "::1"},
	}
	for _, tc := range tests {
		conn, err := dialFrom(healthcheck.WithSources(t.Context(), tc.v4, tc.v6), d, "udp", tc.name)
		if err != nil {
			t.Errorf("%s from %s %s: %v", tc.name, tc.v4, tc.v6, err)
			continue
		}
		if got, _, _ := net.SplitHostPort(conn.LocalAddr().String()); got != tc.want {
			t.Errorf("%s from %s %s: came from %s, want %s", tc.name, tc.v4, tc.v6, got, tc.want)
		}
		conn.Close()
	}
}

// resolverOf returns a resolver with these records.
func resolverOf(t *testing.T, records ...string) *net.Resolver {
	t.Helper()
	server, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &dns.Server{PacketConn: server, Handler: dns.HandlerFunc(func(w dns.ResponseWriter, q *dns.Msg) {
		m := new(dns.Msg).SetReply(q)
		for _, text := range records {
			rr, _ := dns.NewRR(text)
			if h := rr.Header(); h.Name == q.Question[0].Name && h.Rrtype == q.Question[0].Qtype {
				m.Answer = append(m.Answer, rr)
			}
		}
		w.WriteMsg(m)
	})}
	var running sync.WaitGroup
	running.Go(func() { s.ActivateAndServe() })
	t.Cleanup(func() { server.Close(); running.Wait() })
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", server.LocalAddr().String())
	}}
}
