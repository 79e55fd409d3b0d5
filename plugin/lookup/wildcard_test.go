package lookup

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/plugin/pool"
)

// startWildcard starts the names below *.example.org.
func (s *site) startWildcard(reg *healthcheck.Registry, o pool.Observer, prev *Wildcard) *Wildcard {
	base := pool.NewTracker(s.record("*.example.org."), new(viewLog))
	n := NewWildcard(base, 0, s.ask, o)
	base.Start(reg, nil)
	base.LookupFailed(0, 0)
	n.Start(reg, prev)
	return n
}

func (wc *Wildcard) end(reg *healthcheck.Registry) {
	wc.Stop()
	wc.base.Stop(reg)
}

// answered returns what a query for a name is answered with.
func (wc *Wildcard) answered(name string, qtype uint16) string {
	v := wc.View(context.Background(), nil, name, qtype)
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
		s, reg, o := newSite(), healthcheck.NewRegistry(healthcheck.Hooks{}), new(viewLog)
		s.setAddrs("a.example.org.", "192.0.2.1 192.0.2.2")
		s.setAddrs("six.example.org.", "2001:db8::1")
		s.setAddrs("dead.example.org.", "fails")
		n := s.startWildcard(reg, o, nil)
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

		s.setDown(true, "192.0.2.1")
		time.Sleep(3 * time.Second)
		want("a.example.org.", dns.TypeA, "0 ok: 192.0.2.2")
		s.setDown(true, "192.0.2.2")
		time.Sleep(3 * time.Second)
		want("a.example.org.", dns.TypeA, "1 failed_over: 192.0.2.99")
		s.setDown(false, "192.0.2.2")
		time.Sleep(3 * time.Second)
		want("a.example.org.", dns.TypeA, "0 ok: 192.0.2.2")

		s.setAddrs("a.example.org.", "fails")
		time.Sleep(20 * time.Second)
		want("a.example.org.", dns.TypeA, "0 ok: 192.0.2.2") // the last set stays
		s.setAddrs("a.example.org.", "192.0.2.3")
		time.Sleep(20 * time.Second)
		want("a.example.org.", dns.TypeA, "0 ok: 192.0.2.3")
		want("none.example.org.", dns.TypeA, "1 failed_over: 192.0.2.99")
		if got, want := o.lines(), []string{"0 ok", "1 failed_over", "0 ok"}; !slices.Equal(got, want) {
			t.Errorf("the observer saw %q, want %q", got, want)
		}
	})
}

// Who asks for one family alone is not answered by what was once said of the
// other.
func TestNamesRenewTheOtherFamily(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, reg := newSite(), healthcheck.NewRegistry(healthcheck.Hooks{})
		s.setAddrs("a.example.org.", "192.0.2.1 2001:db8::1")
		n := s.startWildcard(reg, new(viewLog), nil)
		defer n.end(reg)
		n.answered("a.example.org.", dns.TypeA)
		n.answered("a.example.org.", dns.TypeAAAA)
		s.setAddrs("a.example.org.", "none")
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
		s.setAddrs("a.example.org.", "192.0.2.1")
		n := s.startWildcard(reg, new(viewLog), nil)
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
		n := s.startWildcard(reg, new(viewLog), nil)
		defer n.end(reg)
		s.setAddrs("a.example.org.", "192.0.2.1")
		n.answered("a.example.org.", dns.TypeA)
		s.setAddrs("a.example.org.", "192.0.2.2")
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
		n := s.startWildcard(reg, new(viewLog), nil)
		defer n.end(reg)
		s.setAddrs("*", "192.0.2.1")
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
		s.setAddrs("*", "192.0.2.1")
		n := s.startWildcard(reg, new(viewLog), nil)
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
		s.setDown(true, "192.0.2.1")
		time.Sleep(3 * time.Second)
		if got := n.answered("first.example.org.", dns.TypeA); got != "1 failed_over: 192.0.2.99" {
			t.Errorf("the first name is answered %s", got)
		}
	})
}

func TestNamesOutliveAReload(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, reg := newSite(), healthcheck.NewRegistry(healthcheck.Hooks{})
		s.setAddrs("a.example.org.", "192.0.2.1 192.0.2.2")
		s.setDown(true, "192.0.2.1")
		old := s.startWildcard(reg, new(viewLog), nil)
		old.answered("a.example.org.", dns.TypeA)
		time.Sleep(5 * time.Second)
		n := s.startWildcard(reg, new(viewLog), old)
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
		s.setAddrs("*", "192.0.2.1")
		reg := healthcheck.NewRegistry(healthcheck.Hooks{})
		n := s.startWildcard(reg, new(viewLog), nil)
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
