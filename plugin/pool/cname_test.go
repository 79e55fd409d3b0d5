package pool

import (
	"slices"
	"testing"

	"github.com/miekg/dns"
)

// asCNAME makes the first pool answer with a CNAME for a host name.
func asCNAME(rec *Record) {
	host(0, "lb.example.net.")(rec)
	rec.Pools[0].CNAME = true
}

// A pool that answers with a CNAME answers without addresses, with the TTL of the record.
func TestCNAME(t *testing.T) {
	inLab(t, asCNAME, func(r *run) {
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

// Under all_down all, the answer has the addresses of a CNAME of the next plugins without
// the CNAME, so the record is their owner.
func TestAllDownAllOwnsTheTargetsOfACNAME(t *testing.T) {
	all := func(rec *Record) {
		next(0)(rec)
		rec.AllDown = AllDown{Kind: AllDownAll}
	}
	inLab(t, all, func(r *run) {
		reply := said(300, "192.0.2.10 2001:db8::10")
		for _, rr := range reply.Addrs {
			rr.Header().Name = "target.example.org."
		}
		v4, v6 := *reply, *reply
		v4.Addrs, v6.Addrs = reply.Addrs[:1], reply.Addrs[1:]
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
		if name := reply.Addrs[0].Header().Name; name != "target.example.org." {
			t.Errorf("the reply of the next plugins is now of %s", name)
		}
	}, one, two)
}

// A pool that answers with a CNAME is up while no address of its target is known, even if
// the lookup fails. With its endpoint disabled it does not answer.
func TestCNAMEWithoutLookup(t *testing.T) {
	inLab(t, asCNAME, func(r *run) {
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
	disabled := func(rec *Record) { asCNAME(rec); rec.Pools[0].Endpoints[0].Disabled = true }
	inLab(t, disabled, func(r *run) { r.want(byTwo) }, one, two)
}
