package dial

import (
	"context"
	"errors"
	"net"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/test/kit"
)

func dialOf(call string, errno syscall.Errno, ip string) error {
	return &net.OpError{
		Op: "dial", Net: "tcp",
		Addr: &net.TCPAddr{IP: net.ParseIP(ip), Port: 80},
		Err:  os.NewSyscallError(call, errno),
	}
}

func TestDialErrors(t *testing.T) {
	const routed, unrouted = "127.0.0.1", "fe80::1" // without a zone
	tests := []struct {
		name    string
		err     error
		want    string
		unknown bool
	}{
		{"refused", dialOf("connect", syscall.ECONNREFUSED, routed), "connect: connection refused", false},
		{"reset", dialOf("connect", syscall.ECONNRESET, routed), "connect: connection reset by peer", false},
		{"timed out", dialOf("connect", syscall.ETIMEDOUT, routed), "connect: connection timed out", false},
		{"refused although no route is left", dialOf("connect", syscall.ECONNREFUSED, unrouted), "connect: connection refused", false},
		{"ICMP error", dialOf("connect", syscall.ENETUNREACH, routed), "connect: network is unreachable", false},
		{"no neighbour", dialOf("connect", syscall.EHOSTUNREACH, routed), "connect: no route to host", false},
		{"no route", dialOf("connect", syscall.ENETUNREACH, unrouted), "connect: network is unreachable", true},
		{"no route to a host", dialOf("connect", syscall.EHOSTUNREACH, unrouted), "connect: no route to host", true},
		{"descriptors", dialOf("socket", syscall.EMFILE, routed), "connect: too many open files", true},
		{"descriptors of all", dialOf("socket", syscall.ENFILE, routed), "connect: too many open files in system", true},
		{"ports", dialOf("connect", syscall.EADDRNOTAVAIL, routed), "connect: cannot assign requested address", true},
		{"buffers", dialOf("connect", syscall.ENOBUFS, routed), "connect: no buffer space available", true},
		{"memory", dialOf("socket", syscall.ENOMEM, routed), "connect: cannot allocate memory", true},
		{"name", &net.OpError{Op: "dial", Err: &net.DNSError{Name: "x.test", Server: "192.0.2.1:53", IsNotFound: true}},
			"lookup x.test: no such host", true},
		{"name server", &net.DNSError{Name: "x.test", IsTimeout: true}, "lookup x.test: no answer from a name server", true},
		{"something else", errors.New("odd"), "connect: odd", false},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			err := Error(t.Context(), tc.err)
			if err.Error() != tc.want || errors.Is(err, healthcheck.ErrInconclusive) != tc.unknown {
				t.Errorf("%q, unknown %v; want %q, unknown %v", err, errors.Is(err, healthcheck.ErrInconclusive), tc.want, tc.unknown)
			}
		})
	}
}

// Whether there is a route is the kernel's answer.
func TestRouteOfRealDials(t *testing.T) {
	tests := []struct {
		addr    string
		unknown bool
	}{
		{"fe80::1", true},          // without a zone
		{"127.255.255.255", false}, // TCP has no broadcast, the route is there
	}
	ctx, cancel := healthcheck.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	for _, tc := range tests {
		conn, err := Dial(ctx, "tcp", net.JoinHostPort(tc.addr, "80"))
		if err == nil {
			conn.Close()
			t.Fatalf("%s accepts", tc.addr)
		}
		err = Error(ctx, err)
		if errors.Is(err, healthcheck.ErrInconclusive) != tc.unknown {
			t.Errorf("%s: %v, want unknown %v", tc.addr, err, tc.unknown)
		}
	}
}

// After the end of the context, its cause replaces the error.
func TestErrorAfterTheContext(t *testing.T) {
	stopped, stop := context.WithCancel(t.Context())
	stop()
	late, cancel := healthcheck.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	<-late.Done()
	tests := []struct {
		name    string
		ctx     context.Context
		err     error
		want    string
		unknown bool
	}{
		{"deadline", late, dialOf("connect", syscall.EHOSTUNREACH, "fe80::1"), "connect: no answer within 1ms", false},
		{"shutdown", stopped, dialOf("connect", syscall.ECONNREFUSED, "127.0.0.1"), "connect: context canceled", true},
		{"neither", t.Context(), os.ErrDeadlineExceeded, "connect: i/o timeout", false},
	}
	for _, tc := range tests {
		err := Error(tc.ctx, tc.err)
		if err.Error() != tc.want || errors.Is(err, healthcheck.ErrInconclusive) != tc.unknown {
			t.Errorf("%s: %q, unknown %v; want %q", tc.name, err, errors.Is(err, healthcheck.ErrInconclusive), tc.want)
		}
	}
}

// The timer of a socket may fire before that of the context.
func TestSocketTimesOutFirst(t *testing.T) {
	ctx, cancel := context.WithTimeoutCause(t.Context(), 0, errors.New("no answer within 1s"))
	defer cancel()
	err := Because(&lateContext{Context: ctx}, "connect", os.ErrDeadlineExceeded)
	kit.WantError(t, err, "connect: no answer within 1s")
}

// A lateContext ends only after a call of Done.
type lateContext struct {
	context.Context
	waited bool
}

func (c *lateContext) Done() <-chan struct{} {
	c.waited = true
	return c.Context.Done()
}

func (c *lateContext) Err() error {
	if !c.waited {
		return nil
	}
	return c.Context.Err()
}

// Whether there is a route may depend on the source address.
func TestRouteFromASource(t *testing.T) {
	err := dialOf("connect", syscall.ENETUNREACH, "127.0.0.1").(*net.OpError)
	if got := Error(t.Context(), err); errors.Is(got, healthcheck.ErrInconclusive) {
		t.Errorf("%v is inconclusive, though there is a route", got)
	}
	err.Source = &net.TCPAddr{IP: net.ParseIP("192.0.2.1")} // not an address of this host
	if got := Error(t.Context(), err); !errors.Is(got, healthcheck.ErrInconclusive) {
		t.Errorf("%v is a failure, though there is no route from the source", got)
	}
}
