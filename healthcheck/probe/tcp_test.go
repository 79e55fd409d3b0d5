package probe

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/test/kit"
)

func TestTCP(t *testing.T) {
	open := kit.Listen(t, func(conn net.Conn) { io.Copy(io.Discard, conn) })
	closed := kit.Listen(t, nil)
	closed.Close()
	tests := []struct {
		name   string
		target Target
		addr   string
		want   string
	}{
		{"open", Target{Port: kit.PortOfListener(open)}, "127.0.0.1", ""},
		{"mapped", Target{Port: kit.PortOfListener(open)}, "::ffff:127.0.0.1", ""},
		{"closed", Target{Port: kit.PortOfListener(closed)}, "127.0.0.1", "connect: connection refused"},
		{"another host", Target{Host: "127.0.0.1", Port: kit.PortOfListener(open)}, "192.0.2.1", ""},
		{"the endpoint in HOST", Target{Host: "{endpoint}", Port: kit.PortOfListener(open)}, "127.0.0.1", ""},
		{"a name", Target{Host: "localhost", Port: kit.PortOfListener(open)}, "192.0.2.1", ""},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) { kit.WantError(t, ask(t, TCP{Target: tc.target}.Prober(), tc.addr), tc.want) })
	}
}

// A probe is inconclusive if the name of the target does not resolve.
func TestTCPNameThatDoesNotResolve(t *testing.T) {
	deaf := &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		return nil, errors.New("no name server")
	}}
	p := TCP{Target: Target{Host: "app.example.test", Port: 80}}.prober((&net.Dialer{Resolver: deaf}).DialContext)
	err := ask(t, p, "192.0.2.1")
	kit.WantError(t, err, "lookup app.example.test: ")
	if !errors.Is(err, healthcheck.ErrInconclusive) {
		t.Errorf("%v is not inconclusive", err)
	}
}

// The peer sees an orderly end of the connection and no reset.
func TestTCPClosesOrderly(t *testing.T) {
	result := make(chan error)
	l := kit.Listen(t, func(conn net.Conn) {
		_, err := conn.Read(make([]byte, 1))
		result <- err
	})
	p := TCP{Target: Target{Port: kit.PortOfListener(l)}}.Prober()
	for range 50 {
		if err := ask(t, p, "127.0.0.1"); err != nil {
			t.Fatal(err)
		}
		if err := <-result; err != io.EOF {
			t.Fatalf("the peer reads %v, want EOF", err)
		}
	}
}

// silence is a network that drops everything.
func silence(ctx context.Context, _, _ string) (net.Conn, error) {
	<-ctx.Done()
	return nil, &net.OpError{Op: "dial", Net: "tcp", Err: ctx.Err()}
}

func TestTCPEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := TCP{Target: Target{Port: 80}}.prober(silence)
		ctx, cancel := healthcheck.WithTimeout(t.Context(), time.Second)
		start := time.Now()
		err := p.Probe(ctx, kit.Loopback)
		kit.WantError(t, err, "connect: no answer within 1s")
		if took := time.Since(start); took != time.Second || errors.Is(err, healthcheck.ErrInconclusive) {
			t.Errorf("after %v: %v", took, err)
		}
		cancel()
		ctx, cancel = context.WithTimeout(t.Context(), time.Second)
		time.AfterFunc(100*time.Millisecond, cancel)
		if err := p.Probe(ctx, kit.Loopback); !errors.Is(err, healthcheck.ErrInconclusive) {
			t.Errorf("shut down: %v", err)
		}
		if took := time.Since(start); took != 1100*time.Millisecond {
			t.Errorf("shut down %v after the start", took)
		}
	})
}

func TestTCPDialsTheTarget(t *testing.T) {
	tests := []struct {
		target     Target
		addr, want string
	}{
		{Target{Port: 80}, "192.0.2.1", "192.0.2.1:80"},
		{Target{Port: 80}, "2001:db8::1", "[2001:db8::1]:80"},
		{Target{Port: 80}, "fe80::1%eth0", "[fe80::1%eth0]:80"},
		{Target{Host: "2001:db8::2", Port: 80}, "192.0.2.1", "[2001:db8::2]:80"},
		{Target{Host: "{endpoint}", Port: 80}, "2001:db8::1", "[2001:db8::1]:80"},
		{Target{Host: "{endpoint}.proxy.test", Port: 80}, "192.0.2.1", "192.0.2.1.proxy.test:80"},
	}
	for _, tc := range tests {
		var got string
		p := TCP{Target: tc.target}.prober(func(_ context.Context, _, address string) (net.Conn, error) {
			got = address
			return nil, errors.New("no")
		})
		p.Probe(t.Context(), netip.MustParseAddr(tc.addr))
		if got != tc.want {
			t.Errorf("%v for %s: dials %s, want %s", tc.target, tc.addr, got, tc.want)
		}
	}
}
