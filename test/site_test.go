package test

import (
	"crypto/tls"
	"io"
	"log"
	"net"
	"net/http"
	"testing"
)

// serveSite starts a web server with the pages on a port of an address.
func serveSite(t *testing.T, ip, port string, config *tls.Config) {
	t.Helper()
	l, err := net.Listen("tcp", net.JoinHostPort(ip, port))
	if err != nil {
		t.Fatal(err)
	}
	if config != nil {
		l = tls.NewListener(l, config)
	}
	// Refused handshakes are what it is for.
	web := &http.Server{Handler: pages(ip), ErrorLog: log.New(io.Discard, "", 0)}
	go web.Serve(l)
	t.Cleanup(func() { web.Close() })
}
