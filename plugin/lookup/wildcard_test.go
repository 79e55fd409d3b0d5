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

// startWildcard starts *.example.org.
func (s *site) startWildcard(reg *healthcheck.Registry, o pool.Observer, prev *Wildcard) *Wildcard {
	base := pool.NewTracker(s.record("*.example.org."), new(viewLog))
	wc := NewWildcard(base, 0, s.ask, o)
	base.Start(reg, nil)
	base.LookupFailed(0, 0)
	wc.Start(reg, prev)
	return wc
}

func (wc *Wildcard) end(reg *healthcheck.Registry) {
	wc.Stop()
	wc.base.Stop(reg)
}

// answer returns the answer to a query for a name.
func (wc *Wildcard) answer(name string, qtype uint16) string {
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

func TestWildcard(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, reg, o := newSite(), healthcheck.NewRegistry(healthcheck.Hooks{}), new(viewLog)
		s.setAddrs("a.example.org.", "192.0.2.1 192.0.2.2")
		s.setAddrs("six.example.org.", "2001:db8::1")
		s.setAddrs("dead.example.org.", "fails")
		wc := s.startWildcard(reg, o, nil)
		defer wc.end(reg)
		want := func(name string, qtype uint16, want string) {
			t.Helper()
			if got := wc.answer(name, qtype); got != want {
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

// Queries for one family alone are not answered from an expired reply for the other.
func TestWildcardRenewsTheOtherFamily(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, reg := newSite(), healthcheck.NewRegistry(healthcheck.Hooks{})
		s.setAddrs("a.example.org.", "192.0.2.1 2001:db8::1")
		wc := s.startWildcard(reg, new(viewLog), nil)
		defer wc.end(reg)
		wc.answer("a.example.org.", dns.TypeA)
		wc.answer("a.example.org.", dns.TypeAAAA)
		s.setAddrs("a.example.org.", "none")
		time.Sleep(11 * time.Second)
		if got, want := wc.answer("a.example.org.", dns.TypeA), "1 failed_over: 192.0.2.99"; got != want {
			t.Errorf("a name that has gone: got %s, want %s", got, want)
		}
	})
}

// While a reply is fresh there is no further lookup.
func TestWildcardLooksUpNoMoreThanACache(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, reg := newSite(), healthcheck.NewRegistry(healthcheck.Hooks{})
		s.setAddrs("a.example.org.", "192.0.2.1")
		wc := s.startWildcard(reg, new(viewLog), nil)
		defer wc.end(reg)
		for range 100 { // in 20 seconds
			wc.answer("a.example.org.", dns.TypeA)
			time.Sleep(200 * time.Millisecond)
		}
		if q := s.queries(); q != 2 {
			t.Errorf("asked %d times, want 2", q)
		}
		for range 100 { // a negative reply is kept for five seconds
			wc.answer("none.example.org.", dns.TypeA)
			time.Sleep(200 * time.Millisecond)
		}
		if q := s.queries(); q != 2+2*4 {
			t.Errorf("asked %d times for what is not there, want 8", q-2)
		}
	})
}

// An address that the next reply no longer has is still checked for ten minutes, so that
// its state is not lost. So are the addresses of a name without queries.
func TestWildcardForgets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, reg := newSite(), healthcheck.NewRegistry(healthcheck.Hooks{})
		wc := s.startWildcard(reg, new(viewLog), nil)
		defer wc.end(reg)
		s.setAddrs("a.example.org.", "192.0.2.1")
		wc.answer("a.example.org.", dns.TypeA)
		s.setAddrs("a.example.org.", "192.0.2.2")
		time.Sleep(11 * time.Second)
		wc.answer("a.example.org.", dns.TypeA)
		if got := reg.Len(); got != 2 {
			t.Errorf("%d addresses are checked, want both", got)
		}
		time.Sleep(9 * time.Minute)
		wc.answer("a.example.org.", dns.TypeA)
		time.Sleep(2 * time.Minute)
		wc.answer("a.example.org.", dns.TypeA)
		if got := reg.Len(); got != 1 {
			t.Errorf("%d addresses are checked after ten minutes, want one", got)
		}
		time.Sleep(9 * time.Minute)
		if wc.Known("a.example.org.") == nil {
			t.Error("the name is forgotten after nine minutes")
		}
		time.Sleep(3 * time.Minute)
		if wc.Known("a.example.org.") != nil || reg.Len() != 0 {
			t.Error("the name is not forgotten after twelve minutes")
		}
	})
}

// A name is forgotten while its probes hang, and queries for other names do not wait for
// them.
func TestWildcardForgetsWithoutAWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, reg := newSite(), healthcheck.NewRegistry(healthcheck.Hooks{})
		wc := s.startWildcard(reg, new(viewLog), nil)
		defer wc.end(reg)
		s.setAddrs("*", "192.0.2.1")
		wc.answer("old.example.org.", dns.TypeA)
		time.Sleep(9 * time.Minute)
		end := s.hang()
		defer end()
		time.Sleep(3 * time.Minute)
		if wc.Known("old.example.org.") != nil {
			t.Error("the name is not forgotten")
		}
		if !wc.mu.TryLock() {
			t.Fatal("the mutex is held while probes end")
		}
		wc.mu.Unlock()
		if got, want := wc.answer("new.example.org.", dns.TypeA), "0 ok: 192.0.2.1"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})
}

// A flood of random names stays within the limits and removes no learned name.
func TestWildcardIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, reg := newSite(), healthcheck.NewRegistry(healthcheck.Hooks{})
		s.setAddrs("*", "192.0.2.1")
		wc := s.startWildcard(reg, new(viewLog), nil)
		defer wc.end(reg)
		wc.answer("first.example.org.", dns.TypeA)
		for i := range maxNames + 100 {
			if got := wc.answer(fmt.Sprintf("x%d.example.org.", i), dns.TypeA); got != "0 ok: 192.0.2.1" {
				t.Fatalf("the flood is answered %s", got)
			}
		}
		if wc.count != maxNames || reg.Len() != 1 {
			t.Errorf("%d names and %d checkers", wc.count, reg.Len())
		}
		s.setDown(true, "192.0.2.1")
		time.Sleep(3 * time.Second)
		if got := wc.answer("first.example.org.", dns.TypeA); got != "1 failed_over: 192.0.2.99" {
			t.Errorf("the first name is answered %s", got)
		}
	})
}

func TestWildcardOutlivesAReload(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, reg := newSite(), healthcheck.NewRegistry(healthcheck.Hooks{})
		s.setAddrs("a.example.org.", "192.0.2.1 192.0.2.2")
		s.setDown(true, "192.0.2.1")
		old := s.startWildcard(reg, new(viewLog), nil)
		old.answer("a.example.org.", dns.TypeA)
		time.Sleep(5 * time.Second)
		wc := s.startWildcard(reg, new(viewLog), old)
		old.end(reg)
		defer wc.end(reg)
		asked := s.queries()
		if got := wc.answer("a.example.org.", dns.TypeA); got != "0 ok: 192.0.2.2" || s.queries() != asked {
			t.Errorf("got %s after %d queries more", got, s.queries()-asked)
		}
	})
}

// The very first answer for a name is the reply of the next plugins for the type of the
// query, even a negative one.
func TestFirstAnswerIsThatOfTheNextPlugins(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite()
		s.setAddrs("*", "192.0.2.1")
		reg := healthcheck.NewRegistry(healthcheck.Hooks{})
		wc := s.startWildcard(reg, new(viewLog), nil)
		defer wc.end(reg)
		for range 2 {
			v := wc.View(t.Context(), nil, "a.apps.example.org.", dns.TypeAAAA)
			if r := v.Set(v.Pool).AAAA.Reply; r == nil || r.Negative == nil {
				t.Errorf("no negative reply for AAAA: %+v", r)
			}
		}
		if q := s.queries(); q != 2 {
			t.Errorf("asked %d times, want once for each family", q)
		}
	})
}
