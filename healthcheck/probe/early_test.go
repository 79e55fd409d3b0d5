package probe

import (
	"crypto/tls"
	"io"
	"net"
	"strings"
	"testing"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/test/kit"
)

// A target may answer and close before it has read the request.
func TestEarlyAnswers(t *testing.T) {
	const ok, found = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", "HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 2\r\n\r\nno"
	ways := map[string]func(conn net.Conn, answer string){
		"closes": func(conn net.Conn, answer string) { io.WriteString(conn, answer) },
		"resets": func(conn net.Conn, answer string) {
			io.WriteString(conn, answer)
			if tcp, ok := conn.(*net.TCPConn); ok {
				tcp.SetLinger(0)
			}
		},
		"reads a byte": func(conn net.Conn, answer string) {
			conn.Read(make([]byte, 1))
			io.WriteString(conn, answer)
		},
	}
	checks := map[string]struct {
		answer string
		make   func(port uint16) healthcheck.Check
	}{
		"http": {ok, func(port uint16) healthcheck.Check {
			return HTTP{Target: Target{Port: port}, Method: "GET", Host: "a.test", Body: "^ok$"}
		}},
		"long": {ok, func(port uint16) healthcheck.Check {
			return HTTP{Target: Target{Port: port}, Host: "a.test", Headers: "X: " + strings.Repeat("x", 40<<10)}
		}},
		"redirect": {found, func(port uint16) healthcheck.Check {
			return HTTP{Target: Target{Port: port}, Method: "GET", Host: "a.test", Redirects: 1}
		}},
		"prometheus": {"HTTP/1.0 200 OK\r\n\r\n" + vector("1"), func(port uint16) healthcheck.Check { return Prometheus{Server: Target{Port: port}, Query: "up"} }},
		"tcp": {"hello", func(port uint16) healthcheck.Check {
			return TCP{Target: Target{Port: port}, Dialogue: Dialogue("").Send("a").Send("b").Expect("hel").Expect("lo")}
		}},
	}
	want := map[string]string{"redirect": "more than 1 redirects"}
	for way, answer := range ways {
		for name, c := range checks {
			t.Run(name+" "+way, func(t *testing.T) {
				p := c.make(kit.PortOfListener(kit.Listen(t, func(conn net.Conn) { answer(conn, c.answer) }))).Prober()
				for range 300 {
					kit.WantError(t, ask(t, p, "127.0.0.1"), want[name])
				}
			})
		}
	}
}

// The same inside TLS.
func TestEarlyAnswersInTLS(t *testing.T) {
	config := serving(newAuthority(t).issue("a.test", hour))
	l := kit.Listen(t, func(conn net.Conn) {
		secure := tls.Server(conn, config)
		io.WriteString(secure, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
		secure.Close()
	})
	p := HTTP{TLS: true, Target: Target{Port: kit.PortOfListener(l)}, Method: "GET", Host: "a.test", TLSOptions: TLSOptions{Insecure: true}}.Prober()
	for range 300 {
		kit.WantError(t, ask(t, p, "127.0.0.1"), "")
	}
}

// A failed send is a fail if nothing is expected after it.
func TestUnsent(t *testing.T) {
	closed := make(chan bool, 1)
	l := kit.Listen(t, func(conn net.Conn) { conn.(*net.TCPConn).SetLinger(0); conn.Close(); closed <- true })
	dial := func(d Dialogue) error {
		p := TCP{Target: Target{Port: kit.PortOfListener(l)}, Dialogue: d}.Prober().(*tcpProber)
		conn, err := p.dial(t.Context(), "tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		<-closed
		return (&dialogueRun{conn: conn, chunk: tcpChunk}).run(t.Context(), p.steps)
	}
	kit.WantError(t, dial(Dialogue("").Send("a")), "send: ")
	kit.WantError(t, dial(Dialogue("").Send("a").Expect("b")), `expect "b": connection closed`)
}
