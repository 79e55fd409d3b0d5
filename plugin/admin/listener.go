package admin

import (
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Bounds of what clients may take.
const (
	maxConns    = 1000
	requestWait = 10 * time.Second // for headers and body
	idleWait    = 60 * time.Second
	maxHeader   = 16 << 10
	maxBody     = 64 << 10
)

// A Service has the listeners of the process, which outlive a reload. Its methods may be
// called by many goroutines.
type Service struct {
	backend *Backend

	mu   sync.Mutex           // guards the following
	open map[string]*listener // by address
}

// NewService returns a Service without a listener.
func NewService(b *Backend) *Service {
	return &Service{backend: b, open: make(map[string]*listener)}
}

// A listener is open as long as a Lease on it is held. The newest says who has access.
type listener struct {
	net.Listener
	server  *http.Server
	conns   connections
	leases  []*Lease // guarded by Service.mu
	current atomic.Pointer[access]
	done    chan struct{} // closed when it accepts no more
}

// A Lease keeps a listener open for one run of the Corefile.
type Lease struct {
	service *Service
	addr    string
	access  *access
}

// Open listens as config says, or lets the listener that is open already serve as config
// says from now on.
func (s *Service) Open(config Config) (*Lease, error) {
	a, err := newAccess(config)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.open[config.Addr]
	if l == nil {
		if l, err = s.listen(&config); err != nil {
			return nil, fmt.Errorf("api: %w", err)
		}
		s.open[config.Addr] = l
	}
	lease := &Lease{s, config.Addr, a}
	l.leases = append(l.leases, lease)
	l.current.Store(a)
	if len(l.leases) == 1 {
		go func() {
			defer close(l.done)
			l.server.Serve(l)
		}()
	}
	return lease, nil
}

// Close gives a lease back. The listener serves as the newest of the others says, or is
// closed, with all connections.
func (lease *Lease) Close() {
	s := lease.service
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.open[lease.addr]
	if l == nil || !slices.Contains(l.leases, lease) {
		return // it was given back already
	}
	l.leases = slices.DeleteFunc(l.leases, func(other *Lease) bool { return other == lease })
	if n := len(l.leases); n > 0 {
		l.current.Store(l.leases[n-1].access)
		return
	}
	delete(s.open, lease.addr)
	l.server.Close()
	<-l.done // else the port may still be taken
}

func (s *Service) listen(config *Config) (*listener, error) {
	ln, err := bind(config)
	if err != nil {
		return nil, err
	}
	return s.serverOf(ln), nil
}

func (s *Service) serverOf(ln net.Listener) *listener {
	l := &listener{Listener: ln, done: make(chan struct{})}
	l.server = &http.Server{
		Handler:           s.handler(l),
		ReadHeaderTimeout: requestWait,
		ReadTimeout:       requestWait,
		IdleTimeout:       idleWait,
		MaxHeaderBytes:    maxHeader,
		ConnState:         l.conns.changed,
		ConnContext:       withConn,
		ErrorLog:          quiet,

		DisableGeneralOptionsHandler: true, // it asks for no credentials
	}
	return l
}

// bind listens at a TCP address, or at a socket that only this user may use.
func bind(config *Config) (net.Listener, error) {
	if path, ok := config.socket(); ok {
		return listenPrivately(path)
	}
	return net.Listen("tcp", config.Addr)
}

// Accept implements net.Listener: TLS is spoken if the newest Config says so.
func (l *listener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	if t := l.current.Load().tls; t != nil {
		conn = tls.Server(conn, t)
	}
	return conn, nil
}
