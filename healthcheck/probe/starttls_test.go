package probe

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/test/kit"
)

// tlsScript returns a peer that follows the script before, makes a handshake, and follows
// the script inside.
func tlsScript(t *testing.T, pair tls.Certificate, before, inside []string) func(net.Conn) {
	return func(conn net.Conn) {
		follow(t, conn, before)
		secure := tls.Server(conn, serving(pair))
		if secure.Handshake() == nil {
			script(t, inside...)(secure)
		}
		io.Copy(io.Discard, conn)
	}
}

// follow sends and receives the lines of a script.
func follow(t *testing.T, conn net.Conn, lines []string) {
	for _, l := range lines {
		if l[0] != '<' {
			io.WriteString(conn, l)
			continue
		}
		got := make([]byte, len(l)-1)
		if _, err := io.ReadFull(conn, got); err == nil && string(got) != l[1:] {
			t.Errorf("the peer heard %q, want %q", got, l[1:])
		}
	}
}

func TestStartTLS(t *testing.T) {
	pair := newAuthority(t).issue("app.test", hour)
	const none = Dialogue("")
	smtp := none.Expect("^220 ").Send("STARTTLS\r\n").Expect("^220 ").StartTLS().Send("EHLO a\r\n").Expect("^250 ")
	whole := none.Expect("^220 .*\n").StartTLS()
	const injected = "starttls: more than one line was said before the handshake"
	tests := []struct {
		name           string
		dialogue       Dialogue
		before, inside []string
		want           string
	}{
		{"SMTP", smtp, []string{"220 m\r\n", "<STARTTLS\r\n", "220 go on\r\n"}, []string{"<EHLO a\r\n", "250-a\r\n", "250 b\r\n"}, ""},
		{"PostgreSQL", none.Send("\x00\x08").Expect(`\AS`).StartTLS().Send("x").Expect("y"), []string{"<\x00\x08", "S"}, []string{"<x", "y"}, ""},
		{"LDAP", none.Expect(`\A0\x0c\x02\x01\x01x\x07\n\x01\x00`).StartTLS(), []string{"0\x0c\x02\x01\x01x\x07\n\x01\x00\x04\x00\x04\x00"}, nil, ""},
		{"at once", none.StartTLS().Expect("a"), nil, []string{"a"}, ""},
		{"the whole line", whole, []string{"220 go on\r\n"}, nil, ""},
		{"nothing inside", whole.Expect("220"), []string{"220 220 220\r\n"}, nil, `expect "220": no answer within 1s`},
		{"refused", smtp, []string{"220 m\r\n", "<STARTTLS\r\n", "454 no\r\n"}, nil, `expect "^220 ": no answer within 1s`},
		{"injected", smtp, []string{"220 m\r\n", "<STARTTLS\r\n", "220 go on\r\n250 b\r\n"}, nil, injected},
		{"injected behind the whole line", whole, []string{"220 go on\r\n250"}, nil, injected},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				peer := tlsScript(t, pair, tc.before, tc.inside)
				check := TCP{Target: Target{Port: 25}, Dialogue: tc.dialogue, TLSOptions: TLSOptions{ServerName: "app.test", Insecure: true}}
				err := within(t, check.prober(pipes(peer)), time.Second)
				if kit.WantError(t, err, tc.want); errors.Is(err, healthcheck.ErrInconclusive) {
					t.Error("the error is inconclusive")
				}
			})
		})
	}
}

// The rest of a line may arrive in pieces before the handshake. Another line fails the
// probe.
func TestStartTLSInPieces(t *testing.T) {
	pair := newAuthority(t).issue("app.test", hour)
	tests := []struct {
		name, want string
		pieces     []string
	}{
		{"the rest of the line", "", []string{"go", " on\r", "\n"}},
		{"another line", "TLS handshake: ", []string{"go on\r\n", "250 b\r\n"}},
		{"with the rest", "TLS handshake: ", []string{"go on\r\n250 b\r\n"}},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			l := kit.Listen(t, func(conn net.Conn) {
				follow(t, conn, []string{"220 ", "<STARTTLS"})
				for _, piece := range tc.pieces {
					io.WriteString(conn, piece)
				}
				tls.Server(conn, serving(pair)).Handshake()
			})
			check := TCP{Target: Target{Port: kit.PortOfListener(l)}, TLSOptions: TLSOptions{Insecure: true}}
			check.Dialogue = Dialogue("").Expect("220 ").Send("STARTTLS").StartTLS()
			kit.WantError(t, ask(t, check.Prober(), "127.0.0.1"), tc.want)
		})
	}
}

// The certificate is verified as the TLS properties say.
func TestStartTLSVerifies(t *testing.T) {
	ca := newAuthority(t)
	file := filepath.Join(t.TempDir(), "ca")
	kit.Write(t, file, ca.pem)
	l := kit.Listen(t, tlsScript(t, ca.issue("app.test", hour), []string{"220 go on\r\n"}, nil))
	tests := []struct{ ca, name, want string }{
		{file, "app.test", ""},
		{file, "other.test", "TLS handshake: x509: certificate is valid for app.test, not other.test"},
		{"", "app.test", "TLS handshake: x509: "},
		{file + ".missing", "app.test", "stat " + file},
	}
	for _, tc := range tests {
		check := TCP{Target: Target{Port: kit.PortOfListener(l)}, Dialogue: Dialogue("").Expect("220").StartTLS()}
		check.TLSOptions = TLSOptions{CA: tc.ca, ServerName: tc.name}
		err := ask(t, check.Prober(), "127.0.0.1")
		if kit.WantError(t, err, tc.want); errors.Is(err, healthcheck.ErrInconclusive) != strings.HasSuffix(tc.ca, ".missing") {
			t.Errorf("%s with %s: %v", tc.name, tc.ca, err)
		}
	}
}

// A watched connection breaks when the peer closes it, below TLS.
func TestStartTLSIsWatched(t *testing.T) {
	pair := newAuthority(t).issue("app.test", hour)
	die := make(chan struct{})
	l := kit.Listen(t, func(conn net.Conn) {
		follow(t, conn, []string{"220 go on\r\n"})
		secure := tls.Server(conn, serving(pair))
		secure.Handshake()
		io.WriteString(secure, "hello\r\n")
		<-die
	})
	check := TCP{Target: Target{Port: kit.PortOfListener(l)}, Dialogue: Dialogue("").Expect("220").StartTLS().Expect("hello")}
	check.TLSOptions.Insecure = true
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	w, err := check.Prober().(healthcheck.Watcher).Watch(ctx, kit.Loopback)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	ended := make(chan error)
	go func() { ended <- w.Wait() }()
	close(die)
	select {
	case <-ended:
	case <-time.After(20 * time.Second):
		t.Error("the end of the peer goes unnoticed")
	}
}

func TestDialogueInsideTLS(t *testing.T) {
	pair := newAuthority(t).issue("app.test", hour)
	imap := Dialogue("").Expect(`^\* OK`).Send("a LOGOUT\r\n").Expect("^a OK")
	tests := []struct {
		name   string
		inside []string
		want   string
	}{
		{"as expected", []string{"* OK hi\r\n", "<a LOGOUT\r\n", "* BYE\r\na OK\r\n"}, ""},
		{"something else", []string{"* BYE\r\n"}, `expect "^\* OK": no answer within 1s`},
		{"silent", nil, `expect "^\* OK": no answer within 1s`},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				check := TLS{Target: Target{Port: 993}, Dialogue: imap, TLSOptions: TLSOptions{Insecure: true}}
				kit.WantError(t, within(t, check.prober(pipes(tlsScript(t, pair, nil, tc.inside))), time.Second), tc.want)
			})
		})
	}
	// A peer that ends without close_notify.
	hangsUp := pipes(func(conn net.Conn) { tls.Server(conn, serving(pair)).Handshake() })
	check := TLS{Target: Target{Port: 993}, Dialogue: imap, TLSOptions: TLSOptions{Insecure: true}}
	kit.WantError(t, ask(t, check.prober(hangsUp), "127.0.0.1"), `expect "^\* OK": connection closed`)
}
