package healthcheck

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"testing"
	"time"
)

// A probe comes from the source of its family.
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
	port := uint16(l.Addr().(*net.TCPAddr).Port)
	tests := []struct {
		name   string
		target Target
		spec   Spec
		want   string // or an error that marks unknown
	}{
		{"none", Target{Port: port}, Spec{}, "127.0.0.1"},
		{"of the family", Target{Port: port}, Spec{Source4: netip.MustParseAddr("127.0.0.7")}, "127.0.0.7"},
		{"of the other family", Target{Port: port}, Spec{Source6: netip.MustParseAddr("::1")}, "127.0.0.1"},
		{"of a name", Target{Host: "localhost", Port: port}, Spec{Source4: netip.MustParseAddr("127.0.0.7")}, "127.0.0.7"},
		{"not ours", Target{Port: port}, Spec{Source4: netip.MustParseAddr("192.0.2.1")}, ""},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			err := TCP{Target: tc.target}.Prober().Probe(withSources(ctx, &tc.spec), netip.MustParseAddr("127.0.0.1"))
			if tc.want == "" {
				if !errors.Is(err, ErrCannotAsk) {
					t.Errorf("got %v, want an error that could not ask", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := <-from; got != tc.want {
				t.Errorf("came from %s, want %s", got, tc.want)
			}
		})
	}
}
