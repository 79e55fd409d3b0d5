package probe

import (
	"bytes"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coredns-failover/failover/healthcheck/internal/dial"
	"github.com/coredns-failover/failover/test/kit"
)

// The error for another protocol quotes the answer in one short line, without control
// characters.
func TestAnswersInOtherProtocols(t *testing.T) {
	send := func(text string) func(net.Conn) {
		return func(conn net.Conn) {
			conn.Read(make([]byte, 4096))
			io.WriteString(conn, text)
			io.Copy(io.Discard, conn)
		}
	}
	first := func(text string) func(net.Conn) {
		return func(conn net.Conn) {
			go io.WriteString(conn, text)
			io.Copy(io.Discard, conn)
		}
	}
	http := HTTP{Target: Target{Port: 80}, Host: "app.test"}
	https := HTTP{TLS: true, Target: Target{Port: 443}, Host: "app.test"}
	tests := []struct {
		name  string
		peer  func(net.Conn)
		check interface {
			prober(dial.Func) *httpProber
		}
		want string
	}{
		{"SSH", send("SSH-2.0-OpenSSH_9.2p1 Debian-2\r\nmore"), http, `answer is not HTTP: "SSH-2.0-OpenSSH_9.2p1 Debian-2"`},
		{"SSH, without waiting for us", first("SSH-2.0-OpenSSH_9.2p1\r\n"), http, `answer is not HTTP: "SSH-2.0-OpenSSH_9.2p1"`},
		{"half a line", first("+PO"), http, `answer is not HTTP: "+PO"`},
		{"controls and marks of direction", send("a\x1b[31m\u202eb\x00\xff\u00e9\r\n"), http, `answer is not HTTP: "a\x1b[31m\u202eb\x00\xff` + "\u00e9" + `"`},
		{"a quote", send("\"\\\n"), http, `answer is not HTTP: "\"\\"`},
		{"a long line", send(strings.Repeat("x", 300) + "\n"), http, `answer is not HTTP: "` + strings.Repeat("x", 120) + `..."`},
		{"MySQL", send("J\x00\x00\x00\n5.5.5-10.11\x00"), http, `answer is not HTTP: "J\x00\x00\x00"`},
		{"a status line of another kind", send("HTTP/1.1 OK\r\n\r\n"), http, `answer is not HTTP: "HTTP/1.1 OK"`},
		{"HTTP/2", send("\x00\x00\x12\x04\x00\x00\x00\x00\x00\n"), http, `answer is not HTTP: "\x00\x00\x12\x04\x00\x00\x00\x00\x00"`},
		{"an alert of TLS", send("\x15\x03\x01\x00\x02\x02\x46"), http, "answer is not HTTP but TLS"},
		{"half of a good line", send("HTTP/1."), http, "waiting for the answer: no answer within 1s"},
		{"a header of another kind", send("HTTP/1.1 200 OK\r\nx\r\n\r\n"), http, "waiting for the answer: not an HTTP answer"},
		{"HTTP where TLS is due", send("HTTP/1.1 400 Bad Request\r\n\r\n"), https, `TLS handshake: answer is not TLS: "HTTP/1.1 400 Bad Request"`},
		{"SMTP where TLS is due", send("220 mail.test ESMTP\r\n"), https, `TLS handshake: answer is not TLS: "220 mail.test ESMTP"`},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				err := within(t, tc.check.prober(pipes(tc.peer)), time.Second)
				if err == nil || err.Error() != tc.want {
					t.Errorf("fails with\n%v, want\n%s", err, tc.want)
				}
			})
		})
	}
}

// A target may echo what it was sent, in whole or in part. No error shows that.
func TestEchoesHideSecrets(t *testing.T) {
	check := HTTP{Target: Target{Port: 80}, Host: "app.test", Method: "PUT", Headers: "X-Key: s3cret-key",
		User: "me", Password: "pass s3cret-word", Payload: "pin={\"s3cret-json\"}\ns3cret-body"}
	for _, echo := range []string{
		"s3cret-key", "key:s3cret-key.", "s3cret-word", "pass", "s3cret-body", "bad pin s3cret-json", "bWU6cGFzcyBzM2NyZXQtd29yZA==", "s3cret-key s3cret-word s3cret-body",
		strings.Repeat("x", 112) + "s3cret-key", strings.Repeat("x", 108) + "bWU6cGFzcyBzM2NyZXQtd29yZA==",
	} {
		synctest.Test(t, func(t *testing.T) {
			server := func(conn net.Conn) {
				for heard := ""; !strings.HasSuffix(heard, "s3cret-body"); {
					buf := make([]byte, 4096)
					n, _ := conn.Read(buf)
					heard += string(buf[:n])
				}
				io.WriteString(conn, echo+"\r\n")
			}
			err := ask(t, check.prober(pipes(server)), "127.0.0.1")
			kit.WantError(t, err, "answer is not HTTP: ")
			for _, secret := range []string{"s3cret", "pass", "bWU6c"} {
				if err != nil && strings.Contains(err.Error(), secret) {
					t.Errorf("%s: %v", echo, err)
				}
			}
		})
	}
}

// The same for what a dialogue sends before TLS.
func TestEchoBeforeTLS(t *testing.T) {
	l := kit.Listen(t, func(conn net.Conn) {
		io.CopyN(io.Discard, conn, 6)
		io.WriteString(conn, "ok\n")
		conn.Read(make([]byte, 512))
		io.WriteString(conn, "s3cret\n")
	})
	check := TCP{Target: Target{Port: kit.PortOfListener(l)}, Dialogue: Dialogue("").Send("s3cret").Expect("ok\n").StartTLS()}
	check.TLSOptions.Insecure = true
	err := ask(t, check.Prober(), "127.0.0.1")
	if err == nil || err.Error() != "TLS handshake: answer is not TLS" {
		t.Errorf("fails with %v", err)
	}
}

func TestHeardConn(t *testing.T) {
	here, there := net.Pipe()
	text := bytes.Repeat([]byte("0123456789"), 20)
	go func() {
		there.Write(text)
		there.Close()
	}()
	c := &heardConn{Conn: here}
	if all, err := io.ReadAll(c); err != nil || !bytes.Equal(all, text) || c.heard() != string(text[:maxExcerpt+1]) {
		t.Errorf("reads %q, %v, heard %q", all, err, c.heard())
	}
}
