package probe

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/test/kit"
)

// replying returns the port of a peer on loopback that answers each datagram with those of
// reply. It does not send "".
func replying(t *testing.T, reply func(string) []string) uint16 {
	t.Helper()
	conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	go func() {
		buf := make([]byte, 1<<16)
		for {
			n, from, err := conn.ReadFromUDP(buf)
			if err != nil {
				return
			}
			for _, text := range reply(string(buf[:n])) {
				conn.WriteToUDP([]byte(text), from)
			}
		}
	}()
	return uint16(conn.LocalAddr().(*net.UDPAddr).Port)
}

func closedUDP(t *testing.T) uint16 {
	t.Helper()
	conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	return uint16(conn.LocalAddr().(*net.UDPAddr).Port)
}

func TestUDP(t *testing.T) {
	echo := replying(t, func(s string) []string { return []string{s} })
	const size = 60000
	long := replying(t, func(string) []string { return []string{strings.Repeat("x", size) + "end"} })
	const none = Dialogue("")
	tests := []struct {
		name     string
		port     uint16
		dialogue Dialogue
		want     string
	}{
		{"a reply that matches", echo, none.Send("ping").Expect(`\Aping\z`), ""},
		{"one after the other", echo, none.Send("a").Expect("a").Send("b").Expect("b"), ""},
		{"a long one", long, none.Send("a").Expect("end"), ""},
		{"any reply", echo, none.Send("ping"), ""},
		{"any reply to nothing", echo, none, ""},
		{"closed", closedUDP(t), none.Send("ping"), "waiting for the answer: connection refused"},
		{"closed to nothing", closedUDP(t), none, "waiting for the answer: connection refused"},
		{"closed to an expectation", closedUDP(t), none.Send("a").Expect("a"), `expect "a": connection refused`},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			err := ask(t, UDP{Target{Port: tc.port}, tc.dialogue}.Prober(), "127.0.0.1")
			kit.WantError(t, err, tc.want)
			if errors.Is(err, healthcheck.ErrInconclusive) {
				t.Error("the error is inconclusive")
			}
		})
	}
}

func TestUDPUntilTheTimeout(t *testing.T) {
	const short, long = time.Second, time.Minute
	silent := replying(t, func(string) []string { return nil })
	other := replying(t, func(string) []string { return []string{"b", "", "b"} })
	flood := replying(t, func(s string) []string {
		return strings.Split(strings.Repeat(strings.Repeat("b", 1000)+",", 100), ",")
	})
	const none = Dialogue("")
	tests := []struct {
		name     string
		port     uint16
		dialogue Dialogue
		whole    bool // the probe takes the whole timeout
		want     string
	}{
		{"silence is a pass", silent, none.Send("a"), true, ""},
		{"unless a word is expected", silent, none.Send("a").Expect("a"), true, `expect "a": no answer within 1s`},
		{"and the right one", other, none.Send("a").Expect("a"), true, `expect "a": no answer within 1s`},
		{"soon", flood, none.Send("a").Expect("a"), false, `expect "a": no match in 64 KiB`},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			timeout := long
			if tc.whole {
				timeout = short
			}
			start := time.Now()
			ctx, cancel := healthcheck.WithTimeout(t.Context(), timeout)
			defer cancel()
			kit.WantError(t, UDP{Target{Port: tc.port}, tc.dialogue}.Prober().Probe(ctx, kit.Loopback), tc.want)
			if took := time.Since(start); took >= timeout != tc.whole {
				t.Errorf("takes %v", took)
			}
		})
	}
}

// A probe that waits for no error does not pass when it is cancelled.
func TestUDPShutDown(t *testing.T) {
	sent := make(chan struct{}, 1)
	silent := replying(t, func(string) []string { sent <- struct{}{}; return nil })
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	go func() { <-sent; cancel() }()
	if err := (UDP{Target: Target{Port: silent}}).Prober().Probe(ctx, kit.Loopback); !errors.Is(err, healthcheck.ErrInconclusive) {
		t.Errorf("shut down: %v", err)
	}
}

func TestUDPWithoutRoute(t *testing.T) {
	err := ask(t, UDP{Target: Target{Port: 53}}.Prober(), "fe80::1") // without a zone
	if err == nil || !errors.Is(err, healthcheck.ErrInconclusive) {
		t.Errorf("%v is not inconclusive", err)
	}
}
