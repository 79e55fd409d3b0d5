package pool

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/coredns-failover/failover/plugin/rr"
)

// next makes the pool p one of the next plugins.
func next(p int) func(*Record) {
	return func(rec *Record) {
		host(p, "")(rec)
		rec.Pools[p].Endpoints[0].Next = true
	}
}

// said returns a reply of the next plugins.
func said(ttl uint32, addrs string) *Reply {
	r := &Reply{TTL: time.Duration(ttl) * time.Second, At: time.Now()}
	for _, addr := range ips(addrs) {
		r.Addrs = append(r.Addrs, rr.NewAddress("app.example.org.", addr, ttl))
	}
	return r
}

// Records of the next plugins keep their TTL if it is below that of the record.
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

// Below a wildcard, an address that answers no longer have is still checked for ten
// minutes, and not served.
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
			t.Errorf("the next plugins said %s", name)
		}
		tracker.Stop(r.reg)
	}, one, two)
}

// At most MaxAddrs addresses of one name are checked, with those that linger.
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
