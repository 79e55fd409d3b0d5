package lookup

import (
	"encoding/json"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/plugin/pool"
)

// A freeze is about each name that was known, over a restart, and about no other.
func TestFreezeOfLearnedNames(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, reg := newSite(), healthcheck.NewRegistry(healthcheck.Hooks{})
		s.setAddrs("a.example.org.", "192.0.2.1")
		s.setAddrs("b.example.org.", "192.0.2.2")
		wc := s.startWildcard(reg, new(viewLog), nil)
		wc.answer("a.example.org.", dns.TypeA)
		f := wc.base.Freeze()
		f.Names = wc.Freeze()
		orders := pool.Orders{Frozen: f}
		wc.SetOrders(orders, "override: a test")
		wants := func(wc *Wildcard, name, want string) {
			t.Helper()
			if got := wc.answer(name, dns.TypeA); got != want {
				t.Errorf("%s: got %s, want %s", name, got, want)
			}
		}
		s.setDown(true, "192.0.2.1")
		wants(wc, "b.example.org.", "0 ok: 192.0.2.2")
		time.Sleep(3 * time.Second)
		wants(wc, "a.example.org.", "0 ok: 192.0.2.1")
		text, err := json.Marshal(f)
		wc.end(reg)

		restored := new(pool.Frozen)
		if err != nil || json.Unmarshal(text, restored) != nil {
			t.Fatal(err)
		}
		s.setAddrs("a.example.org.", "192.0.2.3")
		again := s.startWildcard(reg, new(viewLog), nil)
		defer again.end(reg)
		again.SetOrders(pool.Orders{Frozen: restored}, "restart")
		wants(again, "a.example.org.", "0 ok: 192.0.2.1")
		wants(again, "b.example.org.", "0 ok: 192.0.2.2")
		again.SetOrders(pool.Orders{}, "an override ended")
		wants(again, "a.example.org.", "0 ok: 192.0.2.3")
	})
}

// Orders are about names that are learned later as well.
func TestOrdersOfLearnedNames(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, reg := newSite(), healthcheck.NewRegistry(healthcheck.Hooks{})
		s.setAddrs("a.example.org.", "192.0.2.1 192.0.2.2")
		wc := s.startWildcard(reg, new(viewLog), nil)
		defer wc.end(reg)
		wc.SetOrders(pool.Orders{Endpoints: []pool.EndpointOrder{{Addr: netip.MustParseAddr("192.0.2.1"), Action: pool.ForceDown}}}, "override: a test")
		if got := wc.answer("a.example.org.", dns.TypeA); got != "0 ok: 192.0.2.2" {
			t.Errorf("got %s", got)
		}
		wc.SetOrders(pool.Orders{Use: "secondary"}, "override: a test")
		if got := wc.answer("a.example.org.", dns.TypeA); got != "1 failed_over: 192.0.2.99" {
			t.Errorf("got %s", got)
		}
		if v, _, _, _ := wc.Summary(); v.Pool != 1 || v.State != pool.FailedOver {
			t.Errorf("the summary is %+v", v)
		}
	})
}

// What explain sees of a name that is not learned is what a query would get, and the name
// is not learned.
func TestUnlearned(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, reg := newSite(), healthcheck.NewRegistry(healthcheck.Hooks{})
		s.setAddrs("a.example.org.", "192.0.2.1")
		s.setAddrs("six.example.org.", "2001:db8::1")
		wc := s.startWildcard(reg, new(viewLog), nil)
		defer wc.end(reg)
		for _, orders := range []pool.Orders{{}, {Use: "secondary"}, {Pools: []pool.OrderForPool{{Pool: "primary", Action: pool.ForceDown}}}} {
			wc.base.SetOrders(orders, "override: a test")
			wc.SetOrders(orders, "override: a test")
			for _, name := range []string{"a.example.org.", "six.example.org.", "none.example.org."} {
				for _, qtype := range families {
					if wc.Known(name) != nil {
						continue
					}
					got := text(wc.Unlearned(t.Context(), nil, name, qtype), qtype)
					if wc.Known(name) != nil {
						t.Errorf("%s is learned", name)
					}
					if want := wc.answer(name, qtype); got != want {
						t.Errorf("%s: got %s, want %s", name, got, want)
					}
				}
			}
		}
	})
}
