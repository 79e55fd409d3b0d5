package pool

import (
	"slices"
	"testing"

	"github.com/miekg/dns"
)

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
