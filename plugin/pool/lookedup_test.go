package pool

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
)

// host makes the first endpoint of the pool p a host name, with the checks that it had as
// an address.
func host(p int, name string) func(*Record) {
	return func(rec *Record) {
		e := &rec.Pools[p].Endpoints[0]
		e.Addr, e.Name, e.Host = netip.Addr{}, name, name
		e.Checks[0].Addr = netip.Addr{}
	}
}

func ips(text string) (as []netip.Addr) {
	for _, word := range strings.Fields(text) {
		as = append(as, netip.MustParseAddr(word))
	}
	return as
}

// Addresses that a host name keeps stay as they are while others come and go. Checks of
// removed addresses end.
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

// An address that two endpoints of a pool have is one address, as long as either has it.
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

// min_healthy in per cent is of the current addresses.
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

// A name whose lookup fails keeps its addresses. If it has none, the next pool answers.
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

// If no lookup has ever succeeded the answer is not NODATA, unless the Corefile says so.
func TestNoAddressIsKnown(t *testing.T) {
	tests := []struct {
		name    string
		set     func(*Record)
		allDown AllDownKind
		learn   func(*Tracker)
		want    string
		mode    Mode
	}{
		{"a host name", host(0, "lb.example.net."), AllDownPrimary, nil, "all pools down: no address is known", NoAddress},
		{"the next plugins", next(0), AllDownAll, nil, "all pools down: no address is known", NoAddress},
		{"nodata", host(0, "lb.example.net."), AllDownNoData, nil, "", NoData},
		{"servfail", host(0, "lb.example.net."), AllDownServFail, nil, "", ServFail},
		{"the next plugins have none", next(0), AllDownPrimary, func(tracker *Tracker) { tracker.SetNext(0, said(5, ""), said(5, "")) }, "", NoData},
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

// While a pool is pending, pools of lower rank do not answer; pools of better rank with a
// healthy endpoint do.
func TestPendingPool(t *testing.T) {
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

// A new address starts with the state that it has in another pool.
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
