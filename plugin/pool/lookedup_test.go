package pool

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/plugin/rr"
)

// host makes the first endpoint of the pool p a host name, that is checked as
// the address is which stands for it.
func host(p int, name string) func(*Record) {
	return func(rec *Record) {
		e := &rec.Pools[p].Endpoints[0]
		e.Addr, e.Name, e.Host = netip.Addr{}, name, name
		e.Checks[0].Addr = netip.Addr{}
	}
}

// next makes the pool p that of the next plugins.
func next(p int) func(*Record) {
	return func(rec *Record) {
		host(p, "")(rec)
		rec.Pools[p].Endpoints[0].Next = true
	}
}

func ips(text string) (as []netip.Addr) {
	for _, word := range strings.Fields(text) {
		as = append(as, netip.MustParseAddr(word))
	}
	return as
}

// said is a reply of the next plugins.
func said(ttl uint32, addrs string) *Reply {
	r := &Reply{TTL: time.Duration(ttl) * time.Second, At: time.Now()}
	for _, addr := range ips(addrs) {
		r.Addrs = append(r.Addrs, rr.NewAddress("app.example.org.", addr, ttl))
	}
	return r
}

// What has an address stays as it is while others come and go; those that go are
// asked no more.
func TestAddressesComeAndGo(t *testing.T) {
	inLab(t, host(0, "lb.example.net."), func(r *run) {
		if v := r.tracker.View(); v.Mode != Pending || v.State != OK {
			t.Errorf("before the lookup has ended: %+v", v)
		}
		r.down("192.0.2.11")
		r.tracker.SetHost(0, 0, ips("192.0.2.10 192.0.2.11"))
		r.want("primary by min_healthy: 192.0.2.10 192.0.2.11") // nothing is known of them
		r.pass(2)
		r.want("primary by min_healthy: 192.0.2.10")
		r.tracker.SetHost(0, 0, ips("192.0.2.12 192.0.2.11"))
		r.want("primary by min_healthy: 192.0.2.12")
		if n := r.reg.Len(); n != 3 { // with that of the secondary
			t.Errorf("%d checkers for 3 addresses", n)
		}
		r.obs.told()
		r.tracker.SetHost(0, 0, ips("192.0.2.11"))
		r.want(byTwo)
		want := "endpoint 0/lb.example.net./192.0.2.12 gone"
		if told := r.obs.told(); !slices.Contains(told, want) {
			t.Errorf("%s was not observed: %v", want, told)
		}
		r.tracker.SetHost(0, 0, nil)
		r.want(byTwo)
		if n := r.reg.Len(); n != 1 {
			t.Errorf("%d checkers for one address", n)
		}
	}, one, two)
}

// One address of two host names, or of a name and of the Corefile, is one
// endpoint of a pool, as long as either has it.
func TestAddressOfTwoEndpoints(t *testing.T) {
	inLab(t, host(0, "lb.example.net."), func(r *run) {
		r.tracker.SetHost(0, 0, ips("192.0.2.10 192.0.2.11"))
		r.want("primary by min_healthy: 192.0.2.10 192.0.2.11")
		r.tracker.SetHost(0, 0, ips("192.0.2.11"))
		r.want("primary by min_healthy: 192.0.2.11 192.0.2.10")
		if slices.Contains(r.obs.told(), "endpoint 0/192.0.2.10 gone") {
			t.Error("an endpoint of the Corefile has gone")
		}
	}, "primary 1: 192.0.2.1 192.0.2.10", two)
}

// min_healthy counts what there is at the moment.
func TestQuorumOfAddressesThatComeAndGo(t *testing.T) {
	half := func(rec *Record) {
		host(0, "lb.example.net.")(rec)
		rec.Pools[0].MinHealthy = Quorum{Percent: 50}
	}
	inLab(t, half, func(r *run) {
		r.down("192.0.2.11 192.0.2.12")
		r.tracker.SetHost(0, 0, ips("192.0.2.10 192.0.2.11 192.0.2.12"))
		r.pass(2)
		r.want(byTwo)
		r.tracker.SetHost(0, 0, ips("192.0.2.10 192.0.2.11"))
		r.want("primary by min_healthy: 192.0.2.10")
	}, one, two)
}

// A name that cannot be looked up keeps what it had, and nobody waits for one of
// which nothing is known.
func TestFailedLookup(t *testing.T) {
	inLab(t, host(0, "lb.example.net."), func(r *run) {
		r.tracker.LookupFailed(0, 0)
		r.want(byTwo)
		r.tracker.SetHost(0, 0, ips("192.0.2.10"))
		r.want("primary by min_healthy: 192.0.2.10")
		r.tracker.LookupFailed(0, 0)
		r.want("primary by min_healthy: 192.0.2.10")
	}, one, two)
}

// Where nobody has ever said which addresses there are, nobody says that there
// are none, unless the Corefile wants that.
func TestNothingIsKnown(t *testing.T) {
	tests := []struct {
		name    string
		set     func(*Record)
		allDown AllDownKind
		learn   func(*Tracker)
		want    string
		mode    Mode
	}{
		{"a host name", host(0, "lb.example.net."), AllDownPrimary, nil, "all pools down: no address is known", NoAddress},
		{"the plugins behind", next(0), AllDownAll, nil, "all pools down: no address is known", NoAddress},
		{"nodata", host(0, "lb.example.net."), AllDownNoData, nil, "", NoData},
		{"servfail", host(0, "lb.example.net."), AllDownServFail, nil, "", ServFail},
		{"none behind", next(0), AllDownPrimary, func(tracker *Tracker) { tracker.SetNext(0, said(5, ""), said(5, "")) }, "", NoData},
		{"a host that is down", host(0, "lb.example.net."), AllDownPrimary, func(tracker *Tracker) { tracker.SetHost(0, 0, ips("192.0.2.10")) }, "", Answer},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			inLab(t, func(rec *Record) { tc.set(rec); rec.AllDown.Kind = tc.allDown }, func(r *run) {
				r.down("192.0.2.10")
				r.tracker.LookupFailed(0, 0)
				if tc.learn != nil {
					tc.learn(r.tracker)
				}
				r.pass(10)
				v := r.tracker.View()
				if v.State != Degraded || v.Mode != tc.mode || tc.want != "" && v.Why != tc.want {
					t.Errorf("%+v", v)
				}
			}, one)
		})
	}
}

// A pool of which nothing is known is waited for by worse ones, not by better
// ones that have healthy endpoints.
func TestWhoWaitsForALookup(t *testing.T) {
	inLab(t, host(1, "lb.example.net."), func(r *run) {
		r.want("primary by min_healthy: 192.0.2.1 192.0.2.10")
		r.down("192.0.2.10")
		r.pass(2)
		r.want("primary by min_healthy: 192.0.2.1")
		if s := r.tracker.View().State; s != Degraded {
			t.Errorf("the record is %s", s)
		}
		r.down("192.0.2.1")
		r.pass(2)
		r.want("secondary by min_healthy: servfail")
		r.tracker.SetHost(1, 0, nil)
		r.want("none by all_down: 192.0.2.1 192.0.2.10")
	}, "primary 2: 192.0.2.1 192.0.2.10", two)
}

// Addresses, and what is known of them, outlive a reload; a host name that two
// pools have is looked up once for both.
func TestAddressesOutliveReload(t *testing.T) {
	both := func(rec *Record) { host(0, "lb.example.net.")(rec); host(1, "lb.example.net.")(rec) }
	inLab(t, both, func(r *run) {
		for p := range 2 {
			r.tracker.SetHost(p, 0, ips("192.0.2.10 192.0.2.11"))
		}
		r.down("192.0.2.11")
		r.pass(2)
		r.want("primary by min_healthy: 192.0.2.10")
		r.reload(r.rec)
		r.want("primary by min_healthy: 192.0.2.10")
		for p := range r.tracker.pools {
			if n := len(r.tracker.pools[p].endpoints[0].addresses); n != 2 {
				t.Errorf("pool %d has %d members", p, n)
			}
		}
		if n := r.reg.Len(); n != 2 {
			t.Errorf("%d checkers for 2 addresses", n)
		}
	}, one, two)
}

// Nobody waits after a reload for what nobody waited for before it: the pool that
// has taken over goes on.
func TestFailedLookupOutlivesReload(t *testing.T) {
	tests := []struct {
		set  func(*Record)
		fail func(*Tracker)
	}{
		{host(0, "lb.example.net."), func(tracker *Tracker) { tracker.LookupFailed(0, 0) }},
		{next(0), func(tracker *Tracker) { tracker.LookupFailed(0, 0) }},
		{next(0), func(tracker *Tracker) { tracker.SetNext(0, said(5, ""), said(5, "")) }},
	}
	for _, tc := range tests {
		inLab(t, tc.set, func(r *run) {
			tc.fail(r.tracker)
			r.want(byTwo)
			r.reload(r.rec)
			r.want(byTwo)
		}, one, two)
	}
	inLab(t, next(0), func(r *run) {
		r.reload(r.rec)
		if v := r.tracker.View(); v.Pool != 0 || v.Mode != Next {
			t.Errorf("a reload before the answer does not wait for it: %+v", v)
		}
	}, one, two)
}

// What the next plugins say is served with their TTL, if that is the smaller.
func TestNext(t *testing.T) {
	inLab(t, next(0), func(r *run) {
		if v := r.tracker.View(); v.Mode != Next {
			t.Errorf("before the answer: %+v", v)
		}
		r.tracker.SetNext(0, said(3, "192.0.2.10 192.0.2.11"), said(300, "2001:db8::1"))
		r.want("primary by min_healthy: 192.0.2.10 192.0.2.11 2001:db8::1")
		f := &r.tracker.View().Set(0).A
		if got := f.RRs[0].Header().Ttl; got != 3 || !f.Whole || f.Reply == nil {
			t.Errorf("the TTL is %d, whole: %t", got, f.Whole)
		}
		if got := r.tracker.View().Set(0).AAAA.RRs[0].Header().Ttl; got != 5 {
			t.Errorf("the TTL of AAAA is %d", got)
		}
		r.down("192.0.2.10")
		r.pass(2)
		r.want("primary by min_healthy: 192.0.2.11 2001:db8::1")
		if r.tracker.View().Set(0).A.Whole {
			t.Error("a part is called whole")
		}
		r.tracker.SetNext(0, said(3, "192.0.2.12"), nil) // AAAA as before
		r.want("primary by min_healthy: 192.0.2.12 2001:db8::1")
		r.tracker.SetNext(0, said(3, ""), said(3, ""))
		r.want(byTwo)
	}, one, two)
}

// Below a wildcard, an address that is not in an answer any more is still
// checked for ten minutes, and not served.
func TestLearnedAddressesLinger(t *testing.T) {
	inLab(t, next(0), func(r *run) {
		tracker := NewLearned(r.rec, "x.apps.example.org.", r.obs)
		tracker.Start(r.reg, nil)
		tell := func(addrs string) { tracker.SetNext(0, said(3, addrs), nil) }
		want := func(served string, checkers int) {
			t.Helper()
			if _, got, _ := strings.Cut(text(tracker), ": "); got != served {
				t.Errorf("got %s, want %s", got, served)
			}
			if n := r.reg.Len(); n != checkers+1 { // and the secondary
				t.Errorf("%d checkers, want %d", n-1, checkers)
			}
		}
		tell("192.0.2.10 192.0.2.11")
		r.down("192.0.2.11")
		r.pass(2)
		want("192.0.2.10", 2)
		tell("192.0.2.10")
		r.pass(300)
		want("192.0.2.10", 2)
		tell("192.0.2.10 192.0.2.11") // it is known to be down at once
		want("192.0.2.10", 2)
		tell("192.0.2.10")
		r.pass(599)
		tell("192.0.2.10")
		want("192.0.2.10", 2)
		r.pass(1)
		tell("192.0.2.10")
		want("192.0.2.10", 1)
		if name := tracker.View().Set(0).A.Reply.Addrs[0].Header().Name; name != "app.example.org." {
			t.Errorf("the plugins behind said %s", name)
		}
		tracker.Stop(r.reg)
	}, one, two)
}

// Of one name so many addresses are endpoints at most, those that linger
// included.
func TestAddressesAreBounded(t *testing.T) {
	inLab(t, next(0), func(r *run) {
		tracker := NewLearned(r.rec, "x.apps.example.org.", r.obs)
		tracker.Start(r.reg, nil)
		for net := range 4 {
			var addrs []string
			for i := range 200 {
				addrs = append(addrs, fmt.Sprintf("10.0.%d.%d", net, i))
			}
			tracker.SetNext(0, said(3, strings.Join(addrs, " ")), nil)
			if n := r.reg.Len() - 1; n < 200 || n > MaxAddrs {
				t.Errorf("%d checkers for 200 addresses", n)
			}
			if n := len(tracker.View().Set(0).A.RRs); n != 200 {
				t.Errorf("%d of 200 addresses are served", n)
			}
		}
		tracker.Stop(r.reg)
	}, one, two)
}

// After Stop nothing changes, and nothing is acquired.
func TestAddressesAfterStop(t *testing.T) {
	inLab(t, host(0, "lb.example.net."), func(r *run) {
		r.tracker.SetHost(0, 0, ips("192.0.2.10"))
		r.tracker.Stop(r.reg)
		r.tracker.SetHost(0, 0, ips("192.0.2.11"))
		r.tracker.LookupFailed(0, 0)
		if n := r.reg.Len(); n != 0 {
			t.Errorf("%d checkers", n)
		}
		r.want("primary by min_healthy: 192.0.2.10")
	}, one, two)
}

// An alias carries the TTL of the record and no address.
func TestAlias(t *testing.T) {
	alias := func(rec *Record) { host(0, "lb.example.net.")(rec); rec.Pools[0].CNAME = true }
	inLab(t, alias, func(r *run) {
		r.tracker.SetHost(0, 0, ips("192.0.2.10"))
		s := r.tracker.View().Set(0)
		if s.CNAME == nil || s.CNAME.(*dns.CNAME).Target != "lb.example.net." || len(s.A.RRs) > 0 || s.CNAME.Header().Ttl != 5 {
			t.Errorf("got %+v", s)
		}
		r.down("192.0.2.10")
		r.pass(2)
		r.want(byTwo)
	}, one, two)
}

// An address that another pool knows by another check starts from what is known
// there.
func TestAddressStartsFromWhatIsKnown(t *testing.T) {
	patient := func(rec *Record) {
		host(0, "lb.example.net.")(rec)
		rec.Pools[0].Endpoints[0].Checks[0].Spec.Interval *= 2
	}
	inLab(t, patient, func(r *run) {
		r.down("192.0.2.2")
		r.pass(2)
		r.tracker.SetHost(0, 0, ips("192.0.2.2"))
		r.want("far by min_healthy: 192.0.2.3")
	}, one, two, three)
}

func TestAddressesOfOneAnswerAreBounded(t *testing.T) {
	inLab(t, host(0, "lb.example.net."), func(r *run) {
		var addrs []string
		for i := range 300 {
			addrs = append(addrs, fmt.Sprintf("10.0.%d.%d", i/200, i%200))
		}
		r.tracker.SetHost(0, 0, ips(strings.Join(addrs, " ")))
		if n := r.reg.Len() - 1; n != MaxAddrs {
			t.Errorf("%d checkers", n)
		}
	}, one, two)
}

// Under all_down all, addresses to which an alias of the next plugins leads are
// the record's own: the alias is not in the answer, which has others as well.
func TestAllOfAnAliasAreTheRecords(t *testing.T) {
	all := func(rec *Record) {
		next(0)(rec)
		rec.AllDown = AllDown{Kind: AllDownAll}
	}
	inLab(t, all, func(r *run) {
		behind := said(300, "192.0.2.10 2001:db8::10")
		for _, rr := range behind.Addrs {
			rr.Header().Name = "target.example.org."
		}
		v4, v6 := *behind, *behind
		v4.Addrs, v6.Addrs = behind.Addrs[:1], behind.Addrs[1:]
		r.tracker.SetNext(0, &v4, &v6)
		r.down("192.0.2.10 2001:db8::10 192.0.2.2")
		r.pass(10)
		down := r.tracker.View().Down
		if down == nil {
			t.Fatalf("not all are down: %s", text(r.tracker))
		}
		for _, rr := range slices.Concat(down.A.RRs, down.AAAA.RRs) {
			if rr.Header().Name != "app.example.org." {
				t.Errorf("the answer is about another name: %s", rr)
			}
		}
		if n := len(down.A.RRs) + len(down.AAAA.RRs); n != 3 {
			t.Errorf("%d addresses, want 3", n)
		}
		if name := behind.Addrs[0].Header().Name; name != "target.example.org." {
			t.Errorf("what the plugins behind gave is now of %s", name)
		}
	}, one, two)
}

// An alias answers without addresses: while none is known it is unknown, and what
// cannot be looked up is not down. One that is disabled does not answer.
func TestAliasOfWhatCannotBeLookedUp(t *testing.T) {
	alias := func(rec *Record) { host(0, "lb.example.net.")(rec); rec.Pools[0].CNAME = true }
	inLab(t, alias, func(r *run) {
		for range 2 {
			if v := r.tracker.View(); v.Pool != 0 || v.Mode != Answer || v.State != OK || v.Set(0).CNAME == nil {
				t.Errorf("got %+v", v)
			}
			r.tracker.LookupFailed(0, 0)
		}
		r.down("192.0.2.10")
		r.tracker.SetHost(0, 0, ips("192.0.2.10"))
		r.pass(2)
		r.want(byTwo)
	}, one, two)
	disabled := func(rec *Record) { alias(rec); rec.Pools[0].Endpoints[0].Disabled = true }
	inLab(t, disabled, func(r *run) { r.want(byTwo) }, one, two)
}
