package test

import (
	"crypto/tls"
	"io"
	"log"
	"net"
	"net/http"
	"testing"
)

// serveSite starts a web server with pages at a port of ip.
func serveSite(t *testing.T, ip, port string, config *tls.Config) {
	t.Helper()
	l, err := net.Listen("tcp", net.JoinHostPort(ip, port))
	if err != nil {
		t.Fatal(err)
	}
	if config != nil {
		l = tls.NewListener(l, config)
	}
	// Some checks are expected to fail their handshake.
	web := &http.Server{Handler: pages(ip), ErrorLog: log.New(io.Discard, "", 0)}
	go web.Serve(l)
	t.Cleanup(func() { web.Close() })
}
