package pool

import (
	"encoding/json"
	"testing"

	"github.com/miekg/dns"
)

// order gives orders for the record.
func (r *run) order(o Orders) { r.tracker.SetOrders(o, "override: a test") }

// A pool that is forced up, or used, without a healthy endpoint answers with all that are
// not forced down.
func TestForcedPoolWithoutHealthyEndpoint(t *testing.T) {
	const pools = "primary 1: 192.0.2.1 192.0.2.2 192.0.2.3"
	inLab(t, unchanged, func(r *run) {
		r.down("192.0.2.1 192.0.2.2 192.0.2.3")
		r.pass(2)
		r.want("secondary by min_healthy: 192.0.2.9")
		down := []EndpointOrder{{Pool: "primary", Endpoint: "192.0.2.2", Action: ForceDown}}
		r.order(Orders{Pools: []OrderForPool{{Pool: "primary", Action: ForceUp}}, Endpoints: down})
		r.want("primary by min_healthy: 192.0.2.1 192.0.2.3")
		if s := r.tracker.View().State; s != OK {
			t.Errorf("with a pool forced up the record is %s", s)
		}
		r.order(Orders{Use: "primary", Endpoints: down})
		r.want("primary by override: 192.0.2.1 192.0.2.3")
		if v := r.tracker.View(); v.State != Degraded || !v.Unhealthy {
			t.Errorf("with a pool used that is down the record is %s", v.State)
		}
	}, pools, "secondary 1: 192.0.2.9")
}

// A pool that is forced up or used, all of whose endpoints are forced down, leaves nothing
// to answer with, and no operator's word makes that well.
func TestForcedPoolWithoutAnyEndpoint(t *testing.T) {
	for name, o := range map[string]Orders{
		"up":          {Pools: []OrderForPool{{Pool: "primary", Action: ForceUp}}},
		"used":        {Use: "primary"},
		"used and up": {Use: "primary", Pools: []OrderForPool{{Pool: "primary", Action: ForceUp}}},
	} {
		inLab(t, unchanged, func(r *run) {
			o.Endpoints = []EndpointOrder{{Addr: ips("192.0.2.1")[0], Action: ForceDown}}
			r.order(o)
			v := r.tracker.View()
			if v.State != Degraded || v.Mode != NoData || !v.Unhealthy || v.Why == "" {
				t.Errorf("%s: %s, mode %d, unhealthy: %t, %q", name, v.State, v.Mode, v.Unhealthy, v.Why)
			}
		}, one, two)
	}
}

// A pool that is forced up answers nothing before its first lookup has ended.
func TestForcedPoolIsPending(t *testing.T) {
	inLab(t, host(0, "www.example.net."), func(r *run) {
		r.order(Orders{Pools: []OrderForPool{{Pool: "primary", Action: ForceUp}}})
		if v := r.tracker.View(); v.Mode != Pending {
			t.Errorf("mode %d", v.Mode)
		}
		r.tracker.SetHost(0, 0, ips("192.0.2.7"))
		r.want("primary by min_healthy: 192.0.2.7")
	}, one, two)
}

// An override of a host name is about all of its addresses, one of an address only about
// that one, also when they come later.
func TestOrdersOfAddressesThatComeAndGo(t *testing.T) {
	inLab(t, host(0, "www.example.net."), func(r *run) {
		r.tracker.SetHost(0, 0, ips("192.0.2.7"))
		r.order(Orders{Endpoints: []EndpointOrder{{Pool: "primary", Endpoint: "www.example.net.", Action: ForceDown}}})
		r.want(byTwo)
		r.tracker.SetHost(0, 0, ips("192.0.2.8"))
		r.want(byTwo)
		r.order(Orders{Endpoints: []EndpointOrder{{Addr: ips("192.0.2.9")[0], Action: ForceDown}}})
		r.want("primary by min_healthy: 192.0.2.8")
		r.tracker.SetHost(0, 0, ips("192.0.2.8 192.0.2.9"))
		r.want("primary by min_healthy: 192.0.2.8")
		if s := r.tracker.Status().Pools[0].Endpoints[1]; s.State.String() != "down" || s.Probed.String() == "down" {
			t.Errorf("the endpoint is %s, its probes say %s", s.State, s.Probed)
		}
	}, one, two)
}

// A pool that is drained is ranked behind the others, for people as well.
func TestRankOfDrainedPool(t *testing.T) {
	ranks := func(r *run) (all [3]int) {
		for p, s := range r.tracker.Status().Pools {
			all[p] = s.Rank
		}
		return all
	}
	inLab(t, unchanged, func(r *run) {
		drained := OrderForPool{Pool: "primary", Action: Drain}
		for _, tc := range []struct {
			pools []OrderForPool
			want  [3]int
		}{
			{nil, [3]int{0, 1, 2}},
			{[]OrderForPool{drained}, [3]int{2, 0, 1}},
			{[]OrderForPool{drained, {Pool: "secondary", Action: Drain}}, [3]int{1, 2, 0}},
		} {
			r.order(Orders{Pools: tc.pools})
			if got := ranks(r); got != tc.want {
				t.Errorf("with %v the ranks are %v, want %v", tc.pools, got, tc.want)
			}
		}
	}, one, two, three)
}

// A pool that is forced up is not held back meanwhile, for people as well.
func TestForcedPoolIsNotHeldBack(t *testing.T) {
	inLab(t, manual, func(r *run) {
		leaveOne(r)
		for _, o := range []Orders{{Pools: []OrderForPool{{Pool: "primary", Action: ForceUp}}}, {}} {
			r.order(o)
			if s := r.tracker.Status(); s.Pools[0].HeldBack != (o.Pools == nil) || s.Pools[0].HeldBack != (s.Held != nil) {
				t.Errorf("with %v: held back: %t, held: %v", o.Pools, s.Pools[0].HeldBack, s.Held)
			}
		}
	}, one, two)
}

// An endpoint that is disabled is so since the start, and says why.
func TestStatusOfDisabledEndpoint(t *testing.T) {
	disable := func(rec *Record) {
		rec.Pools[0].Endpoints[0].Disabled = true
		rec.Pools[1].Endpoints[0].Disabled = true
		host(1, "www.example.net.")(rec)
	}
	inLab(t, disable, func(r *run) {
		for p := range 2 {
			if s := r.tracker.Status().Pools[p].Endpoints[0]; s.Since.IsZero() || s.Reason != whyDisabled {
				t.Errorf("%s is disabled since %s: %q", s.Name, s.Since, s.Reason)
			}
		}
	}, one, two, three)
}

// An endpoint is known by its name, its label, its host name and its address.
func TestEndpointName(t *testing.T) {
	configure := func(rec *Record) {
		rec.Pools[0].Endpoints[0].Name = "web1"
		rec.Pools[1].Endpoints[0].Disabled = true
		host(2, "www.example.net.")(rec)
	}
	inLab(t, configure, func(r *run) {
		for _, tc := range []struct {
			pool, endpoint, want string
			disabled             bool
		}{
			{"primary", "web1", "web1", false},
			{"primary", "192.0.2.1", "web1", false},
			{"primary", "::ffff:192.0.2.1", "web1", false},
			{"primary", "192.0.2.2", "", false},
			{"secondary", "192.0.2.2", "192.0.2.2", true},
			{"far", "WWW.example.net", "www.example.net.", false},
			{"nowhere", "web1", "", false},
		} {
			if name, disabled := r.tracker.EndpointName(tc.pool, tc.endpoint); name != tc.want || disabled != tc.disabled {
				t.Errorf("%s of %s is %q, disabled: %t", tc.endpoint, tc.pool, name, disabled)
			}
		}
	}, one, two, three)
}

// What is frozen outlasts the process, and changes of the Corefile.
func TestFrozenOutlastsTheProcess(t *testing.T) {
	for _, tc := range []struct {
		name          string
		before, after func(*Record)
		pools         []string
		want          string
	}{
		{"unchanged", unchanged, unchanged, []string{one, two}, "primary by override: 192.0.2.1"},
		{"another address", unchanged, unchanged, []string{"primary 1: 192.0.2.5", two}, "primary by override: 192.0.2.1"},
		{"without the pool", unchanged, unchanged, []string{two}, "none by override: 192.0.2.1"},
		{"another CNAME", toCNAME("old.example.net."), toCNAME("new.example.net."), []string{one, two}, "old.example.net."},
		{"no CNAME any more", toCNAME("old.example.net."), unchanged, []string{one, two}, "old.example.net."},
	} {
		var text []byte
		inLab(t, tc.before, func(r *run) {
			var err error
			if text, err = json.Marshal(r.tracker.Freeze()); err != nil {
				t.Fatal(err)
			}
		}, one, two)
		inLab(t, tc.after, func(r *run) {
			f := new(Frozen)
			if err := json.Unmarshal(text, f); err != nil {
				t.Fatal(err)
			}
			r.order(Orders{Frozen: f})
			r.down("192.0.2.1 192.0.2.5")
			r.pass(3)
			if c, ok := r.tracker.View().Set(r.tracker.View().Pool).CNAME.(*dns.CNAME); !ok {
				r.want(tc.want)
			} else if c.Target != tc.want {
				t.Errorf("%s: a CNAME to %s, want %s", tc.name, c.Target, tc.want)
			}
		}, tc.pools...)
	}
}

func toCNAME(target string) func(*Record) {
	return func(rec *Record) {
		host(0, target)(rec)
		rec.Pools[0].CNAME = true
	}
}
