package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"time"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/healthcheck/probe"
)

// A kind is a behaviour of endpoints, and the check for it.
type kind struct {
	name    string
	first   netip.Addr // the address before that of the first endpoint
	check   healthcheck.Check
	listens bool
}

// port is the port of all endpoints.
const port = 7000

// Packets to lost vanish, those to local arrive; see network.
var (
	lost  = netip.MustParseAddr("10.0.0.0")
	local = netip.MustParseAddr("198.18.0.0")

	tcpCheck  = probe.TCP{Target: probe.Target{Port: port}}
	httpCheck = probe.HTTP{
		Target: probe.Target{Port: port, Path: "/healthz"},
		Method: http.MethodGet, Host: "example.org", Status: "200-399",
	}
)

var kinds = []kind{
	{"silent", lost, tcpCheck, false},
	{"refusing", local, tcpCheck, false},
	{"tcp", local, tcpCheck, true},
	{"http", local, httpCheck, true},
}

// keeping targets keep a connection open until the client closes it.
var keeping = kind{"keeping", local, tcpCheck, true}

// kindArg returns the kind that is named on the command line.
func kindArg() kind {
	for _, k := range append(kinds, keeping) {
		if k.name == flag.Arg(1) {
			return k
		}
	}
	panic("unknown kind of targets: " + flag.Arg(1))
}

// endpoints returns the addresses of all endpoints.
func (k kind) endpoints() []netip.Addr {
	addrs, addr := make([]netip.Addr, *count), k.first
	for i := range addrs {
		addr = addr.Next()
		addrs[i] = addr
	}
	return addrs
}

// startTarget starts a process that serves all endpoints of a kind that listens.
func startTarget(ctx context.Context, k kind) (*process, error) {
	p, err := start(ctx, selfCommand("target", k.name)...)
	for err == nil {
		var conn net.Conn
		if conn, err = net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port)); err == nil {
			return p, conn.Close()
		}
		time.Sleep(10 * time.Millisecond)
		err = ctx.Err()
	}
	return nil, err
}

// runTarget serves all endpoints and records each connection.
func runTarget(context.Context) error {
	r := newRecorder()
	l, err := net.Listen("tcp", fmt.Sprintf(":%d", port)) // #nosec G102 -- in a network of its own
	if err != nil {
		return err
	}
	l = recordingListener{l, r}
	switch k := kindArg(); {
	case k.name == keeping.name:
		go accept(l, keepOpen)
	case k.check == tcpCheck:
		go accept(l, func(conn net.Conn) { conn.Close() })
	default:
		fine := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
		go (&http.Server{Handler: fine, ReadHeaderTimeout: time.Second}).Serve(l)
	}
	return r.serve()
}

// A recordingListener records the local addresses of connections.
type recordingListener struct {
	net.Listener
	*recorder
}

func (l recordingListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err == nil {
		l.probed(conn.LocalAddr().(*net.TCPAddr).AddrPort().Addr())
	}
	return conn, err
}

func accept(l net.Listener, serve func(net.Conn)) {
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		serve(conn)
	}
}

func keepOpen(conn net.Conn) {
	go func() {
		io.Copy(io.Discard, conn)
		conn.Close()
	}()
}
