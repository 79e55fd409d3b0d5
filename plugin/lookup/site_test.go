package lookup

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/plugin/pool"
)

// A site has the addresses that the next plugins give, and the states of the targets.
type site struct {
	witnesses []pool.Endpoint

	mu         sync.Mutex // guards the following
	addrs      map[string]string
	down       map[string]bool
	hangs      chan struct{} // if not nil, probes ignore their context and end when it is closed
	queryCount int
	frozen     []bool // the calls of setFrozen
}

func newSite() *site { return &site{addrs: make(map[string]string), down: make(map[string]bool)} }

func (s *site) Type() string               { return "site" }
func (s *site) String() string             { return "site" }
func (s *site) Prober() healthcheck.Prober { return healthcheck.ProberFunc(s.probe) }

func (s *site) probe(_ context.Context, addr netip.Addr) error {
	s.mu.Lock()
	hangs, down := s.hangs, s.down[addr.String()]
	s.mu.Unlock()
	if hangs != nil {
		<-hangs
	}
	if down {
		return errors.New("down")
	}
	return nil
}

// hang lets probes hang until end is called.
func (s *site) hang() (end func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	hangs := make(chan struct{})
	s.hangs = hangs
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.hangs = nil
		close(hangs)
	}
}

func (s *site) setDown(down bool, addrs ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range addrs {
		s.down[a] = down
	}
}

// setAddrs sets the addresses of a name: "fails" is an error, "none" NODATA.
func (s *site) setAddrs(name, addrs string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.addrs[name] = addrs
}

func (s *site) setFrozen(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.frozen = append(s.frozen, on)
}

// ask is a QueryResolver. The TTL is 10 seconds.
func (s *site) ask(_ context.Context, _ dns.ResponseWriter, name string, qtype uint16) (*pool.Reply, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.queryCount++
	addrs := s.addrs[name]
	if addrs == "" {
		addrs = s.addrs["*"]
	}
	switch addrs {
	case "fails":
		return nil, errors.New("SERVFAIL")
	case "none":
		addrs = ""
	}
	r := &pool.Reply{At: time.Now(), TTL: 10 * time.Second}
	for _, a := range strings.Fields(addrs) {
		typ := "A"
		if a == "AAAA-fails" {
			if qtype == dns.TypeAAAA {
				return nil, errors.New("SERVFAIL")
			}
			continue
		}
		if strings.Contains(a, ":") {
			typ = "AAAA"
		}
		if dns.StringToType[typ] == qtype {
			rr, err := dns.NewRR(fmt.Sprintf("%s 10 IN %s %s", name, typ, a))
			if err != nil {
				return nil, err
			}
			r.Addrs = append(r.Addrs, rr)
		}
	}
	if len(r.Addrs) == 0 {
		r.Negative = new(dns.Msg)
	}
	return r, nil
}

func (s *site) queries() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.queryCount
}

// record has a pool of the next plugins, and one of 192.0.2.99 without checks.
func (s *site) record(name string) *pool.Record {
	all, one := pool.Policy{Kind: pool.All}, pool.Quorum{Count: 1}
	return &pool.Record{
		Name: name, Zone: "example.org.", TTL: 5, MinTTL: 5,
		AllDown: pool.AllDown{Kind: pool.AllDownPrimary}, Steer: pool.Steer{Kind: pool.SteerOrder},
		Pools: []pool.Pool{
			{Name: "primary", Policy: all, MinHealthy: one, Weight: 1,
				Endpoints: []pool.Endpoint{{Next: true, Weight: 1, Checks: s.checks(), Require: 1}}},
			{Name: "secondary", Policy: all, MinHealthy: one, Weight: 1,
				Endpoints: []pool.Endpoint{{Addr: netip.MustParseAddr("192.0.2.99"), Name: "last", Weight: 1}}},
		},
	}
}

func (s *site) checks() []healthcheck.Key {
	return []healthcheck.Key{{Spec: healthcheck.Spec{
		Check: s, Interval: time.Second, Timeout: time.Second, FastInterval: time.Second,
		Fall: healthcheck.Threshold{Count: 1}, Rise: healthcheck.Threshold{Count: 1},
	}}}
}

// A viewLog is an Observer that collects the changes of pools.
type viewLog struct {
	mu   sync.Mutex // guards the following
	seen []string
}

func (l *viewLog) EndpointChanged(int, string, healthcheck.State, healthcheck.State, string) {}
func (l *viewLog) EndpointGone(int, string)                                                  {}
func (l *viewLog) ViewChanged(from, to *pool.View, _ string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if from == nil || from.Pool != to.Pool || from.State != to.State {
		l.seen = append(l.seen, fmt.Sprintf("%d %s", to.Pool, to.State))
	}
}

func (l *viewLog) lines() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.seen
}
