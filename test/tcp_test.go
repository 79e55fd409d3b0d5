package test

import (
	"io"
	"net"
	"testing"

	"github.com/coredns-failover/failover/test/kit"
)

// A tcp check passes when the connection opens, whatever the target sends.
func TestCheckTCP(t *testing.T) {
	t.Parallel()
	s := prepare(t, nil)
	ip := loopback()
	s.vars["site"], s.vars["nobody"] = ip, loopback()
	for _, name := range []string{"web", "silent", "closing", "closed"} {
		s.vars[name] = freePort(t, ip)
	}
	serveSite(t, ip, s.vars["web"], nil)
	kit.ListenOn(t, ip+":"+s.vars["silent"], func(c net.Conn) { io.Copy(io.Discard, c) })
	kit.ListenOn(t, ip+":"+s.vars["closing"], func(net.Conn) {})
	expectVerdicts(t, s, []verdict{
		{check: "tcp :$web", pass: true},
		{check: "tcp :$silent", pass: true},
		{check: "tcp :$closing", pass: true},
		{check: "tcp :$closed"},
		{check: "tcp", pass: true, endpoint: "192.0.2.1 probe $site port $web"},
		{check: "tcp", endpoint: "192.0.2.1 probe $site port $closed"},
		{check: "tcp :$web", pass: true, endpoint: "192.0.2.1 probe $site port $closed"},
		{check: "tcp $site:$web", pass: true, endpoint: "192.0.2.1"},
		{check: "tcp $site:$closed", endpoint: "192.0.2.1"},
		{check: "tcp $nobody:$web", endpoint: "192.0.2.1 probe $site"},
		{check: "tcp {endpoint}:$web", pass: true},
	})
}
