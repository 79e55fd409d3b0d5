package pool

import (
	"testing"
)

// Addresses and their states outlive a reload, also those of a host name in two pools.
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

// A pool that is not pending before a reload is not pending after it: the pool that
// answered before still does.
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
