package probe

import (
	"context"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/test/kit"
)

// question returns a check for app.example.org at a port.
func question(port uint16) DNS {
	return DNS{Target: Target{Port: port}, Name: "app.example.org.", RRType: dns.TypeA, RCodes: "NOERROR", Transport: "udp"}
}

func TestDNS(t *testing.T) {
	const a, a2, txt = "app.example.org. 300 A 192.0.2.1", "app.example.org. 300 A 192.0.2.2", `app.example.org. 300 TXT "a b"`
	tests := []struct {
		name   string
		rcode  int
		rrs    []string
		rcodes string
		answer string
		want   string
	}{
		{"noerror", dns.RcodeSuccess, []string{a}, "NOERROR", "", ""},
		{"nodata", dns.RcodeSuccess, nil, "NOERROR", "", ""},
		{"servfail", dns.RcodeServerFailure, nil, "NOERROR", "", "rcode SERVFAIL, expected NOERROR"},
		{"one of two", dns.RcodeNameError, nil, "NOERROR,NXDOMAIN", "", ""},
		{"none of two", dns.RcodeRefused, nil, "NOERROR,NXDOMAIN", "", "rcode REFUSED, expected NOERROR or NXDOMAIN"},
		{"unassigned", 13, nil, "NOERROR", "", "rcode 13, expected NOERROR"},
		{"answer", dns.RcodeSuccess, []string{a, a2}, "NOERROR", `^app\.example\.org\. 300 IN A 192\.0\.2\.2$`, ""},
		{"answer in quotes", dns.RcodeSuccess, []string{txt}, "NOERROR", `TXT "a b"`, ""},
		{"another answer", dns.RcodeSuccess, []string{a}, "NOERROR", `192\.0\.2\.2`, `no record of the answer matches "192\.0\.2\.2"`},
		{"no answer to match", dns.RcodeSuccess, nil, "NOERROR", ".", `no record of the answer matches "."`},
		{"answer with another rcode", dns.RcodeNameError, []string{a}, "NOERROR", "192", "rcode NXDOMAIN, expected NOERROR"},
	}
	for _, tc := range tests {
		port := kit.ServeDNS(t, func(w dns.ResponseWriter, q *dns.Msg) { w.WriteMsg(kit.Reply(t, q, tc.rcode, tc.rrs...)) })
		for _, transport := range []string{"udp", "tcp"} {
			t.Run(tc.name+" by "+transport, func(t *testing.T) {
				check := question(port)
				check.RCodes, check.Answer, check.Transport = tc.rcodes, tc.answer, transport
				kit.WantError(t, ask(t, check.Prober(), "127.0.0.1"), tc.want)
			})
		}
	}
}

func TestDNSQuery(t *testing.T) {
	queries := make(chan *dns.Msg, 1)
	port := kit.ServeDNS(t, func(w dns.ResponseWriter, q *dns.Msg) {
		queries <- q.Copy()
		w.WriteMsg(kit.Reply(t, q, dns.RcodeSuccess))
	})
	check := question(port)
	check.RRType = dns.TypeSOA
	p := check.Prober()
	ids := make(map[uint16]bool)
	for range 5 {
		kit.WantError(t, ask(t, p, "127.0.0.1"), "")
		q := <-queries
		ids[q.Id] = true
		if q.Question[0] != (dns.Question{Name: "app.example.org.", Qtype: dns.TypeSOA, Qclass: dns.ClassINET}) {
			t.Errorf("asks %v", q.Question)
		}
		if !q.RecursionDesired || q.IsEdns0() != nil || q.CheckingDisabled {
			t.Errorf("asks with\n%v", q)
		}
	}
	if len(ids) < 3 {
		t.Errorf("5 queries have %d ids", len(ids))
	}
}

// A truncated answer is fetched over TCP if the missing part can decide.
func TestDNSTruncated(t *testing.T) {
	asked := make(chan string, 2)
	port := kit.ServeDNS(t, func(w dns.ResponseWriter, q *dns.Msg) {
		network := w.RemoteAddr().Network()
		asked <- network
		m := kit.Reply(t, q, dns.RcodeSuccess, "app.example.org. 300 A 192.0.2.1")
		if m.Truncated = network == "udp"; !m.Truncated {
			m = kit.Reply(t, q, dns.RcodeSuccess, "app.example.org. 300 A 192.0.2.1", "app.example.org. 300 A 192.0.2.2")
		}
		w.WriteMsg(m)
	})
	tests := []struct{ answer, networks, want string }{
		{"", "udp", ""},
		{"2[.]1$", "udp", ""},
		{"2[.]2$", "udp tcp", ""},
		{"2[.]3$", "udp tcp", "no record of the answer matches"},
	}
	for _, tc := range tests {
		check := question(port)
		check.Answer = tc.answer
		kit.WantError(t, ask(t, check.Prober(), "127.0.0.1"), tc.want)
		got := <-asked
		for len(asked) > 0 {
			got += " " + <-asked
		}
		if got != tc.networks {
			t.Errorf("%q: asked by %s, want %s", tc.answer, got, tc.networks)
		}
	}
}

// A server that refuses may leave out the question.
func TestDNSBareHeader(t *testing.T) {
	for _, rcode := range []int{dns.RcodeRefused, dns.RcodeServerFailure, dns.RcodeFormatError, dns.RcodeNotImplemented} {
		port := kit.ServeDNS(t, func(w dns.ResponseWriter, q *dns.Msg) {
			m := kit.Reply(t, q, rcode)
			m.Question = nil
			w.WriteMsg(m)
		})
		for _, transport := range []string{"udp", "tcp"} {
			check := question(port)
			check.Transport = transport
			kit.WantError(t, ask(t, check.Prober(), "127.0.0.1"), "rcode "+dns.RcodeToString[rcode]+", expected NOERROR")
			check.RCodes = dns.RcodeToString[rcode]
			kit.WantError(t, ask(t, check.Prober(), "127.0.0.1"), "")
		}
	}
}

// A server may cut a datagram within a record. Its header still says to query over TCP.
func TestDNSCut(t *testing.T) {
	whole := true // the answer over TCP
	lengths := make(chan int, 1)
	port := kit.ServeDNS(t, func(w dns.ResponseWriter, q *dns.Msg) {
		m := kit.Reply(t, q, dns.RcodeSuccess, "app.example.org. 300 A 192.0.2.1", "app.example.org. 300 A 192.0.2.2")
		if m.Truncated = w.RemoteAddr().Network() == "udp" || !whole; !m.Truncated {
			w.WriteMsg(m)
			return
		}
		packet, err := m.Pack()
		if err != nil {
			t.Error(err)
		}
		w.Write(packet[:<-lengths])
	})
	check := question(port)
	for _, answer := range []string{"", "2[.]2$"} {
		check.Answer = answer
		for _, length := range []int{12, 20, 33, 40, 60, 90} { // header 12 bytes, question 21, each record 31
			lengths <- length
			kit.WantError(t, ask(t, check.Prober(), "127.0.0.1"), "")
		}
	}
	whole, check.Transport = false, "tcp"
	lengths <- 60
	kit.WantError(t, ask(t, check.Prober(), "127.0.0.1"), "waiting for the answer: the answer is truncated within a record")
}

// Datagrams that are no reply to the query are ignored.
func TestDNSIgnoresOthers(t *testing.T) {
	port := kit.ServeDNS(t, func(w dns.ResponseWriter, q *dns.Msg) {
		for _, change := range []func(*dns.Msg){
			func(m *dns.Msg) { m.Id++ },
			func(m *dns.Msg) { m.Response = false },
			func(m *dns.Msg) { m.Opcode = dns.OpcodeNotify },
			func(m *dns.Msg) { m.Question[0].Name = "www.example.org." },
			func(m *dns.Msg) { m.Question[0].Qtype = dns.TypeAAAA },
			func(m *dns.Msg) { m.Question[0].Qclass = dns.ClassCHAOS },
			func(m *dns.Msg) { m.Question, m.Rcode = nil, dns.RcodeSuccess },
			func(m *dns.Msg) { m.Question, m.Id = nil, m.Id+1 },
			func(m *dns.Msg) { m.Question, m.Response = nil, false },
			func(m *dns.Msg) { m.Question, m.Truncated, m.Id = nil, true, m.Id+1 },
		} {
			m := kit.Reply(t, q.Copy(), dns.RcodeServerFailure)
			change(m)
			w.WriteMsg(m)
		}
		w.Write([]byte("x"))
		w.Write(make([]byte, 2*maxDatagram))
		good := kit.Reply(t, q, dns.RcodeSuccess)
		good.Question[0].Name = "APP.example.org."
		w.WriteMsg(good)
	})
	check := question(port)
	kit.WantError(t, ask(t, check.Prober(), "127.0.0.1"), "")
	check.Transport = "tcp"
	kit.WantError(t, ask(t, check.Prober(), "127.0.0.1"), "waiting for the answer: an answer to another question")
}

func TestDNSNobodyListens(t *testing.T) {
	closed := kit.Listen(t, nil)
	closed.Close()
	check := question(kit.PortOfListener(closed))
	kit.WantError(t, ask(t, check.Prober(), "127.0.0.1"), "waiting for the answer: connection refused")
	check.Transport = "tcp"
	kit.WantError(t, ask(t, check.Prober(), "127.0.0.1"), "connect: connection refused")
	for _, transport := range []string{"udp", "tcp"} {
		check.Transport = transport
		err := ask(t, check.Prober(), "fe80::1") // without a zone
		if err == nil || !errors.Is(err, healthcheck.ErrInconclusive) {
			t.Errorf("no route for %s: %v", transport, err)
		}
	}
}

func TestDNSOverTLS(t *testing.T) {
	ca := newAuthority(t)
	file := filepath.Join(t.TempDir(), "ca")
	kit.Write(t, file, ca.pem)
	l, err := tls.Listen("tcp", "127.0.0.1:0", serving(ca.issue("dns.example.org", hour)))
	if err != nil {
		t.Fatal(err)
	}
	server := &dns.Server{Listener: l, Handler: dns.HandlerFunc(func(w dns.ResponseWriter, q *dns.Msg) {
		w.WriteMsg(kit.Reply(t, q, dns.RcodeSuccess))
	})}
	go server.ActivateAndServe()
	t.Cleanup(func() { server.Shutdown() })
	tests := []struct {
		options TLSOptions
		want    string
	}{
		{TLSOptions{CA: file, ServerName: "dns.example.org"}, ""},
		{TLSOptions{CA: file, ServerName: "app.example.org"}, "TLS handshake: x509: certificate is valid for dns.example.org"},
		{TLSOptions{ServerName: "dns.example.org"}, "TLS handshake: x509: certificate signed by unknown authority"},
		{TLSOptions{Insecure: true}, ""},
		{TLSOptions{Insecure: true, Pins: strings.Repeat("0", 64)}, "TLS handshake: the certificate matches no pin"},
	}
	for _, tc := range tests {
		check := question(kit.PortOfListener(l))
		check.Transport, check.TLSOptions = "tls", tc.options
		kit.WantError(t, ask(t, check.Prober(), "127.0.0.1"), tc.want)
	}
}

// With a server that misbehaves, the probe ends at its timeout at the latest.
func TestDNSThatMisbehaves(t *testing.T) {
	const late = "waiting for the answer: no answer within 5s"
	flood := func(conn net.Conn) {
		go io.Copy(io.Discard, conn)
		for err := error(nil); err == nil; time.Sleep(time.Millisecond) {
			_, err = conn.Write(make([]byte, 512))
		}
	}
	length := func(n uint16, more ...byte) func(net.Conn) {
		return func(conn net.Conn) {
			conn.Read(make([]byte, 512))
			conn.Write(append(binary.BigEndian.AppendUint16(nil, n), more...))
		}
	}
	tests := []struct {
		name, transport string
		handle          func(net.Conn)
		want            string
		took            time.Duration
	}{
		{"silent", "udp", func(conn net.Conn) { io.Copy(io.Discard, conn) }, late, 5 * time.Second},
		{"floods", "udp", flood, late, 5 * time.Second},
		{"silent", "tcp", func(conn net.Conn) { io.Copy(io.Discard, conn) }, late, 5 * time.Second},
		{"deaf", "tcp", func(conn net.Conn) { time.Sleep(time.Minute) }, late, 5 * time.Second},
		{"hangs up", "tcp", func(conn net.Conn) { conn.Read(make([]byte, 512)) }, "waiting for the answer: connection closed", 0},
		{"hangs up within", "tcp", length(512, 1, 2, 3), "waiting for the answer: connection closed", 0},
		{"says nothing", "tcp", length(0), "waiting for the answer: not a DNS message", 0},
		{"floods", "tcp", flood, "waiting for the answer: not a DNS message", 0},
		{"silent", "tls", func(conn net.Conn) { io.Copy(io.Discard, conn) }, "TLS handshake: no answer within 5s", 5 * time.Second},
	}
	for _, tc := range tests {
		t.Run(tc.name+" by "+tc.transport, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				check := question(53)
				check.Transport, check.TLSOptions.Insecure = tc.transport, true
				start := time.Now()
				err := ask(t, check.prober(pipes(tc.handle)), "192.0.2.1")
				kit.WantError(t, err, tc.want)
				if took := time.Since(start); took != tc.took || errors.Is(err, healthcheck.ErrInconclusive) {
					t.Errorf("after %v: %v", took, err)
				}
				time.Sleep(time.Hour) // until every goroutine has woken
			})
		})
	}
}

func TestDNSReleased(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		err := question(53).prober(pipes(func(conn net.Conn) { io.Copy(io.Discard, conn) })).
			Probe(ctx, netip.MustParseAddr("192.0.2.1"))
		if kit.WantError(t, err, "waiting for the answer: context canceled"); !errors.Is(err, healthcheck.ErrInconclusive) {
			t.Errorf("%v is not inconclusive", err)
		}
	})
}
