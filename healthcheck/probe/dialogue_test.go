package probe

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/test/kit"
)

// script returns a peer that sends the lines in order. For a line that begins with "<", it
// waits until it has received the rest of the line.
func script(t *testing.T, lines ...string) func(net.Conn) {
	return func(conn net.Conn) {
		for _, l := range lines {
			want, wait := strings.CutPrefix(l, "<")
			if !wait {
				io.WriteString(conn, l)
				continue
			}
			got := make([]byte, len(want))
			if _, err := io.ReadFull(conn, got); err == nil && string(got) != want {
				t.Errorf("the peer heard %q, want %q", got, want)
			}
		}
		io.Copy(io.Discard, conn)
	}
}

func TestDialogues(t *testing.T) {
	const none = Dialogue("")
	smtp := none.Expect("^220 ").Send("EHLO a\r\n").Expect("^250 ").Send("QUIT\r\n").Expect("^221 ")
	tests := []struct {
		name     string
		dialogue Dialogue
		peer     []string
		want     string
	}{
		{"said and heard", smtp, []string{"220 m", "<EHLO a\r\n", "250-x\r\n250 y\r\n", "<QUIT\r\n", "221 z\r\n"}, ""},
		{"a greeting that goes on", smtp,
			[]string{"220-a\r\n", "220 m", "<EHLO a\r\n", "ail\r\n250 y\r\n", "<QUIT\r\n", "221 z\r\n"}, ""},
		{"in pieces", none.Expect("^OK$"), []string{"n", "o\nO", "K", "\n"}, ""},
		{"only sent", none.Send("bye"), []string{"<bye"}, ""},
		{"bytes", none.Send("\x00\xff").Expect(`\A[\s\S]{3}\x00\x0a`), []string{"<\x00\xff", "\xff\xfe\x00\x00\x0a"}, ""},
		{"a match is heard once", none.Expect("a").Expect("a"), []string{"xa"}, `expect "a": no answer within 1s`},
		{"two in one piece", none.Expect("a").Expect("a"), []string{"xaa"}, ""},
		{"in another order", none.Expect("b").Expect("a"), []string{"ab"}, `expect "a": no answer within 1s`},
		{"nothing is no match", none.Expect(".*"), nil, `expect ".*": no answer within 1s`},
		{"something else", smtp, []string{"554 no\r\n"}, `expect "^220 ": no answer within 1s`},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := TCP{Target: Target{Port: 25}, Dialogue: tc.dialogue}.prober(pipes(script(t, tc.peer...)))
				kit.WantError(t, within(t, p, time.Second), tc.want)
			})
		})
	}
}

// within probes with a timeout, and fails the test if the probe takes longer.
func within(t *testing.T, p healthcheck.Prober, timeout time.Duration) error {
	t.Helper()
	ctx, cancel := healthcheck.WithTimeout(t.Context(), timeout)
	defer cancel()
	start := time.Now()
	err := p.Probe(ctx, kit.Loopback)
	if took := time.Since(start); took > timeout {
		t.Errorf("takes %v, the timeout is %v", took, timeout)
	}
	return err
}

func TestPeersThatMisbehave(t *testing.T) {
	again := func(text string, pause time.Duration) func(net.Conn) {
		return func(conn net.Conn) {
			for {
				if _, err := io.WriteString(conn, text); err != nil {
					return
				}
				time.Sleep(pause)
			}
		}
	}
	tests := []struct {
		name string
		peer func(net.Conn)
		want string
	}{
		{"hangs up", func(net.Conn) {}, `expect "OK": connection closed`},
		{"floods", again(strings.Repeat("x", 5000), 0), `expect "OK": no match in 64 KiB`},
		{"half a line a second", again("x", time.Second), `expect "OK": no answer within 1s`},
		{"answers in time", again("O\nOK", 0), ""},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := TCP{Target: Target{Port: 25}, Dialogue: Dialogue("").Expect("OK")}.prober(pipes(tc.peer))
				kit.WantError(t, within(t, p, time.Second), tc.want)
				time.Sleep(time.Minute) // until the peer wakes up and finds the connection closed
			})
		})
	}
}

// A probe that sends to a peer that does not read ends at its timeout.
func TestSendEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		over := make(chan struct{})
		defer close(over)
		deaf := pipes(func(net.Conn) { <-over })
		p := TCP{Target: Target{Port: 25}, Dialogue: Dialogue("").Send("s3cret")}.prober(deaf)
		kit.WantError(t, within(t, p, time.Second), "send: no answer within 1s")

		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		if err := p.Probe(ctx, kit.Loopback); !errors.Is(err, healthcheck.ErrInconclusive) {
			t.Errorf("shut down: %v", err)
		}
	})
}

// The buffer stays bounded, whatever the size of the pieces.
func TestDialogueBufferIsBounded(t *testing.T) {
	for _, chunk := range []int{1, tcpChunk, maxUnmatched} {
		d := dialogueRun{conn: endless{}, chunk: chunk}
		err := d.expect(Dialogue("").Expect("y").steps()[0].expr)
		if !errors.Is(err, errNoMatch) || len(d.unmatched) != maxUnmatched || cap(d.unmatched) > 2*maxUnmatched {
			t.Errorf("in pieces of %d: %v with %d bytes kept in %d", chunk, err, len(d.unmatched), cap(d.unmatched))
		}
	}
}

// endless is a connection on which "x" comes without end.
type endless struct{ net.Conn }

func (endless) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = 'x'
	}
	return len(b), nil
}
