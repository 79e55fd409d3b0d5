package lookup

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/plugin/pool"
)

// A site is what plugins behind know, and whether its targets are well.
type site struct {
	witnesses []pool.Endpoint

	mu     sync.Mutex // guards the following
	addrs  map[string]string
	sick   map[string]bool
	hangs  chan struct{} // if not nil, probes end once it is closed, whoever wants them to
	asked  int
	frozen []bool // what was told of being cut off
}

func newSite() *site { return &site{addrs: make(map[string]string), sick: make(map[string]bool)} }

func (s *site) Type() string               { return "site" }
func (s *site) String() string             { return "site" }
func (s *site) Prober() healthcheck.Prober { return healthcheck.ProberFunc(s.probe) }

func (s *site) probe(_ context.Context, addr netip.Addr) error {
	s.mu.Lock()
	hangs, sick := s.hangs, s.sick[addr.String()]
	s.mu.Unlock()
	if hangs != nil {
		<-hangs
	}
	if sick {
		return errors.New("sick")
	}
	return nil
}

// hang lets probes hang from now on, until end is called.
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

func (s *site) set(sick bool, addrs ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range addrs {
		s.sick[a] = sick
	}
}

// knows lets a name have addresses, or fail to be looked up.
func (s *site) knows(name, addrs string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.addrs[name] = addrs
}

func (s *site) freeze(is bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.frozen = append(s.frozen, is)
}

// ask is a QueryAsker and, without its client, an AskerFunc. What it says is kept
// for 10 seconds.
func (s *site) ask(_ context.Context, _ dns.ResponseWriter, name string, qtype uint16) (*pool.Reply, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked++
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
	return s.asked
}

// record has a pool from behind, and one of 192.0.2.99, which nobody checks.
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

// A scribe writes down what an Observer is told of pools.
type scribe struct {
	mu   sync.Mutex // guards the following
	seen []string
}

func (s *scribe) EndpointChanged(int, string, healthcheck.State) {}
func (s *scribe) EndpointGone(int, string)                       {}
func (s *scribe) ViewChanged(from, to *pool.View, _ string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if from == nil || from.Pool != to.Pool || from.State != to.State {
		s.seen = append(s.seen, fmt.Sprintf("%d %s", to.Pool, to.State))
	}
}

func (s *scribe) told() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.seen
}

// below starts the names below *.example.org.
func (s *site) below(reg *healthcheck.Registry, o pool.Observer, prev *Wildcard) *Wildcard {
	base := pool.NewTracker(s.record("*.example.org."), new(scribe))
	n := NewWildcard(base, 0, s.ask, o)
	base.Start(reg, nil)
	base.Failed(0, 0)
	n.Start(reg, prev)
	return n
}

func (n *Wildcard) end(reg *healthcheck.Registry) {
	n.Stop()
	n.base.Stop(reg)
}

// answered returns what a query for a name is answered with.
func (n *Wildcard) answered(name string, qtype uint16) string {
	v := n.View(context.Background(), nil, name, qtype)
	return text(v, qtype)
}

func text(v *pool.View, qtype uint16) string {
	s := fmt.Sprintf("%d %s:", v.Pool, v.State)
	for _, rr := range v.Set(v.Pool).Family(qtype).RRs {
		s += " " + dns.Field(rr, 1)
	}
	return s
}

func TestNames(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, reg, o := newSite(), healthcheck.NewRegistry(healthcheck.Hooks{}), new(scribe)
		s.knows("a.example.org.", "192.0.2.1 192.0.2.2")
		s.knows("six.example.org.", "2001:db8::1")
		s.knows("dead.example.org.", "fails")
		n := s.below(reg, o, nil)
		defer n.end(reg)
		want := func(name string, qtype uint16, want string) {
			t.Helper()
			if got := n.answered(name, qtype); got != want {
				t.Errorf("%s: got %s, want %s", name, got, want)
			}
		}
		want("a.example.org.", dns.TypeA, "0 ok: 192.0.2.1 192.0.2.2")
		want("a.example.org.", dns.TypeAAAA, "0 ok:")
		want("six.example.org.", dns.TypeA, "0 ok:") // not down, because it has AAAA
		want("none.example.org.", dns.TypeA, "1 failed_over: 192.0.2.99")
		want("dead.example.org.", dns.TypeA, "1 failed_over: 192.0.2.99")

		s.set(true, "192.0.2.1")
		time.Sleep(3 * time.Second)
		want("a.example.org.", dns.TypeA, "0 ok: 192.0.2.2")
		s.set(true, "192.0.2.2")
		time.Sleep(3 * time.Second)
		want("a.example.org.", dns.TypeA, "1 failed_over: 192.0.2.99")
		s.set(false, "192.0.2.2")
		time.Sleep(3 * time.Second)
		want("a.example.org.", dns.TypeA, "0 ok: 192.0.2.2")

		s.knows("a.example.org.", "fails")
		time.Sleep(20 * time.Second)
		want("a.example.org.", dns.TypeA, "0 ok: 192.0.2.2") // the last set stays
		s.knows("a.example.org.", "192.0.2.3")
		time.Sleep(20 * time.Second)
		want("a.example.org.", dns.TypeA, "0 ok: 192.0.2.3")
		want("none.example.org.", dns.TypeA, "1 failed_over: 192.0.2.99")
		if got, want := o.told(), []string{"0 ok", "1 failed_over", "0 ok"}; !slices.Equal(got, want) {
			t.Errorf("the observer saw %q, want %q", got, want)
		}
	})
}

// Who asks for one family alone is not answered by what was once said of the
// other.
func TestNamesRenewTheOtherFamily(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, reg := newSite(), healthcheck.NewRegistry(healthcheck.Hooks{})
		s.knows("a.example.org.", "192.0.2.1 2001:db8::1")
		n := s.below(reg, new(scribe), nil)
		defer n.end(reg)
		n.answered("a.example.org.", dns.TypeA)
		n.answered("a.example.org.", dns.TypeAAAA)
		s.knows("a.example.org.", "none")
		time.Sleep(11 * time.Second)
		if got, want := n.answered("a.example.org.", dns.TypeA), "1 failed_over: 192.0.2.99"; got != want {
			t.Errorf("a name that has gone: got %s, want %s", got, want)
		}
	})
}

// While what was said holds, nobody is asked again, however many want to know.
func TestNamesAskNoMoreThanACache(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, reg := newSite(), healthcheck.NewRegistry(healthcheck.Hooks{})
		s.knows("a.example.org.", "192.0.2.1")
		n := s.below(reg, new(scribe), nil)
		defer n.end(reg)
		for range 100 { // in 20 seconds
			n.answered("a.example.org.", dns.TypeA)
			time.Sleep(200 * time.Millisecond)
		}
		if q := s.queries(); q != 2 {
			t.Errorf("asked %d times, want 2", q)
		}
		for range 100 { // a denial holds for five seconds, so that a name that is added is seen
			n.answered("none.example.org.", dns.TypeA)
			time.Sleep(200 * time.Millisecond)
		}
		if q := s.queries(); q != 2+2*4 {
			t.Errorf("asked %d times for what is not there, want 8", q-2)
		}
	})
}

// An address that the next answer leaves out is still checked for ten minutes, so
// that what is known of it is not lost; so is a name that nobody asks for.
func TestNamesForget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, reg := newSite(), healthcheck.NewRegistry(healthcheck.Hooks{})
		n := s.below(reg, new(scribe), nil)
		defer n.end(reg)
		s.knows("a.example.org.", "192.0.2.1")
		n.answered("a.example.org.", dns.TypeA)
		s.knows("a.example.org.", "192.0.2.2")
		time.Sleep(11 * time.Second)
		n.answered("a.example.org.", dns.TypeA)
		if got := reg.Len(); got != 2 {
			t.Errorf("%d addresses are checked, want both", got)
		}
		time.Sleep(9 * time.Minute)
		n.answered("a.example.org.", dns.TypeA)
		time.Sleep(2 * time.Minute)
		n.answered("a.example.org.", dns.TypeA)
		if got := reg.Len(); got != 1 {
			t.Errorf("%d addresses are checked after ten minutes, want one", got)
		}
		time.Sleep(9 * time.Minute)
		if n.Known("a.example.org.") == nil {
			t.Error("the name is forgotten after nine minutes")
		}
		time.Sleep(3 * time.Minute)
		if n.Known("a.example.org.") != nil || reg.Len() != 0 {
			t.Error("the name is not forgotten after twelve minutes")
		}
	})
}

// A name is forgotten while its probes hang, and nobody who asks for another waits
// for them to end.
func TestNamesForgetWithoutAWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, reg := newSite(), healthcheck.NewRegistry(healthcheck.Hooks{})
		n := s.below(reg, new(scribe), nil)
		defer n.end(reg)
		s.knows("*", "192.0.2.1")
		n.answered("old.example.org.", dns.TypeA)
		time.Sleep(9 * time.Minute)
		end := s.hang()
		defer end()
		time.Sleep(3 * time.Minute)
		if n.Known("old.example.org.") != nil {
			t.Error("the name is not forgotten")
		}
		if !n.mu.TryLock() {
			t.Fatal("the mutex is held while probes end")
		}
		n.mu.Unlock()
		if got, want := n.answered("new.example.org.", dns.TypeA), "0 ok: 192.0.2.1"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})
}

// A flood of made-up names costs no more than its bounds, and puts nobody out.
func TestNamesAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, reg := newSite(), healthcheck.NewRegistry(healthcheck.Hooks{})
		s.knows("*", "192.0.2.1")
		n := s.below(reg, new(scribe), nil)
		defer n.end(reg)
		n.answered("first.example.org.", dns.TypeA)
		for i := range maxNames + 100 {
			if got := n.answered(fmt.Sprintf("x%d.example.org.", i), dns.TypeA); got != "0 ok: 192.0.2.1" {
				t.Fatalf("the flood is answered %s", got)
			}
		}
		if n.count != maxNames || reg.Len() != 1 {
			t.Errorf("%d names and %d checkers", n.count, reg.Len())
		}
		s.set(true, "192.0.2.1")
		time.Sleep(3 * time.Second)
		if got := n.answered("first.example.org.", dns.TypeA); got != "1 failed_over: 192.0.2.99" {
			t.Errorf("the first name is answered %s", got)
		}
	})
}

func TestNamesOutliveAReload(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, reg := newSite(), healthcheck.NewRegistry(healthcheck.Hooks{})
		s.knows("a.example.org.", "192.0.2.1 192.0.2.2")
		s.set(true, "192.0.2.1")
		old := s.below(reg, new(scribe), nil)
		old.answered("a.example.org.", dns.TypeA)
		time.Sleep(5 * time.Second)
		n := s.below(reg, new(scribe), old)
		old.end(reg)
		defer n.end(reg)
		asked := s.queries()
		if got := n.answered("a.example.org.", dns.TypeA); got != "0 ok: 192.0.2.2" || s.queries() != asked {
			t.Errorf("got %s after %d queries more", got, s.queries()-asked)
		}
	})
}

// The very first answer for a name is what the plugins behind say of the family
// that was asked for, be it that there are none of it.
func TestFirstAnswerIsThatOfThePluginsBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite()
		s.knows("*", "192.0.2.1")
		reg := healthcheck.NewRegistry(healthcheck.Hooks{})
		n := s.below(reg, new(scribe), nil)
		defer n.end(reg)
		for range 2 {
			v := n.View(t.Context(), nil, "a.apps.example.org.", dns.TypeAAAA)
			if r := v.Set(v.Pool).AAAA.Reply; r == nil || r.Negative == nil {
				t.Errorf("nothing was said of AAAA: %+v", r)
			}
		}
		if q := s.queries(); q != 2 {
			t.Errorf("asked %d times, want once for each family", q)
		}
	})
}
