package test

import (
	"net"
	"net/http"
	"sync/atomic"
	"testing"
	"time"
)

// A target is a web server on a loopback address that can be made to fail.
type target struct {
	t          *testing.T
	ip, port   string
	status     atomic.Int32
	hang       atomic.Pointer[chan struct{}] // responses wait until it is closed
	hits       atomic.Int64                  // requests
	strayHits  atomic.Int64                  // requests for a path other than "/"
	server     *http.Server
	serverDone chan struct{}
}

// newTargets starts n targets with the same port.
func newTargets(t *testing.T, n int) []*target {
	t.Helper()
	port := ""
	targets := make([]*target, n)
	for i := range targets {
		ip := loopback()
		if port == "" {
			port = freePort(t, ip)
		}
		targets[i] = &target{t: t, ip: ip, port: port}
		targets[i].status.Store(http.StatusOK)
		targets[i].start()
		t.Cleanup(targets[i].stop)
	}
	return targets
}

// start makes a target listen.
func (g *target) start() {
	g.t.Helper()
	l, err := net.Listen("tcp", net.JoinHostPort(g.ip, g.port))
	if err != nil {
		g.t.Fatal(err)
	}
	g.server = &http.Server{Handler: g, ReadHeaderTimeout: time.Minute}
	g.serverDone = make(chan struct{})
	go func() {
		defer close(g.serverDone)
		g.server.Serve(l)
	}()
}

// stop closes a target and its connections; new ones are refused.
func (g *target) stop() {
	g.release()
	g.server.Close()
	<-g.serverDone
}

// sick makes a target answer with an error.
func (g *target) sick() { g.status.Store(http.StatusServiceUnavailable) }

// well undoes sick.
func (g *target) well() { g.status.Store(http.StatusOK) }

// hold makes a target accept requests and not answer them until release.
func (g *target) hold() {
	c := make(chan struct{})
	g.hang.Store(&c)
}

func (g *target) release() {
	if c := g.hang.Swap(nil); c != nil {
		close(*c)
	}
}

func (g *target) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	g.hits.Add(1)
	if r.URL.Path != "/" {
		g.strayHits.Add(1)
	}
	if c := g.hang.Load(); c != nil {
		select {
		case <-*c:
		case <-r.Context().Done():
		}
	}
	w.WriteHeader(int(g.status.Load()))
}
