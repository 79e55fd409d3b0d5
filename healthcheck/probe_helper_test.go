package healthcheck

import (
	"context"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"
)

// listen serves every connection on loopback with handle and closes it then.
func listen(t testing.TB, handle func(net.Conn)) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
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

func portOfListener(l net.Listener) uint16 { return uint16(l.Addr().(*net.TCPAddr).Port) }

// pipes returns a dialFunc to a peer that handles its end of a pipe, for
// synctest bubbles, which a socket does not fit in.
func pipes(handle func(net.Conn)) dialFunc {
	return func(context.Context, string, string) (net.Conn, error) {
		here, there := net.Pipe()
		go func() {
			defer there.Close()
			handle(there)
		}()
		return here, nil
	}
}

// ask probes addr with a deadline, as a checker does.
func ask(t testing.TB, p Prober, addr string) error {
	t.Helper()
	const timeout = 5 * time.Second
	ctx, cancel := context.WithTimeoutCause(t.Context(), timeout, &timeoutError{timeout})
	defer cancel()
	return p.Probe(ctx, netip.MustParseAddr(addr))
}

// wantError checks that the text of an error starts with want; "" is no error.
func wantError(t testing.TB, err error, want string) {
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
