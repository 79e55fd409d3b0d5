package pool

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/coredns-failover/failover/healthcheck"
)

const maxAge = time.Hour

// restart ends the process, and starts another one after a time.
func (r *run) restart(rec *Record, away time.Duration) {
	r.Helper()
	text, err := json.Marshal(r.tracker.Memory())
	if err != nil {
		r.Fatal(err)
	}
	r.tracker.Stop(r.reg)
	saved := time.Now()
	time.Sleep(away)
	var m Memory
	if err := json.Unmarshal(text, &m); err != nil {
		r.Fatal(err)
	}
	m = m.Aged(saved, time.Now(), maxAge)
	r.reg = healthcheck.NewRegistry(healthcheck.Hooks{})
	r.rec, r.tracker = rec, NewTracker(rec, r.obs)
	r.tracker.Recall(NewRecalled(m))
	r.tracker.Start(r.reg, nil)
}

// After a restart endpoints have the states that they had, until the first results decide
// as after a changed check.
func TestRestart(t *testing.T) {
	inLab(t, unchanged, func(r *run) {
		r.down("192.0.2.1")
		r.pass(2)
		r.restart(r.rec, time.Minute)
		r.want(byTwo)
		r.restart(r.rec, 0) // before any result
		r.want(byTwo)
		r.pass(10)
		r.want(byTwo)
		r.up("192.0.2.1")
		r.slow("192.0.2.1", 100*time.Millisecond)
		r.restart(r.rec, time.Minute)
		r.want(byTwo)
		time.Sleep(500 * time.Millisecond) // the first pass decides
		r.want(byOne)
		r.down("192.0.2.1")
		r.restart(r.rec, time.Minute)
		r.want(byOne)
		time.Sleep(500 * time.Millisecond) // the first failure does not
		r.want(byOne)
		r.pass(1)
		r.want(byTwo)
	}, one, two)
}

// What is older than MAX_AGE does not count.
func TestRestartAfterLong(t *testing.T) {
	inLab(t, unchanged, func(r *run) {
		r.down("192.0.2.1")
		r.pass(2)
		r.restart(r.rec, maxAge)
		r.want(byTwo)
		r.restart(r.rec, maxAge+1)
		r.want(byOne)
	}, one, two)
}

// A check that the Corefile has changed meanwhile starts from the old state, an endpoint
// without checks is up, and one that is disabled is not there.
func TestRestartWithChanges(t *testing.T) {
	for _, tc := range []struct {
		change func(*Record)
		want   string
	}{
		{func(rec *Record) { rec.Pools[0].Endpoints[0].Checks[0].Spec.Interval *= 2 }, byTwo},
		{func(rec *Record) { rec.Pools[0], rec.Pools[1] = rec.Pools[1], rec.Pools[0] }, byTwo},
		{func(rec *Record) { rec.Pools[0].Name = "other" }, byTwo},
		{func(rec *Record) { rec.Pools[0].Endpoints[0].Checks, rec.Pools[0].Endpoints[0].Require = nil, 0 }, byOne},
		{func(rec *Record) { rec.Pools[0].Endpoints[0].Disabled = true }, byTwo},
	} {
		inLab(t, unchanged, func(r *run) {
			r.down("192.0.2.1")
			r.pass(2)
			rec := r.lab.record(one, two)
			tc.change(rec)
			r.restart(rec, 0)
			r.want(tc.want)
		}, one, two)
	}
}

// An address in two pools, of which one is disabled, has the state of the other.
func TestRestartTwice(t *testing.T) {
	inLab(t, unchanged, func(r *run) {
		r.down("192.0.2.1")
		r.pass(2)
		r.restart(r.lab.record("primary 1: [192.0.2.1] 192.0.2.2", "secondary 1: 192.0.2.1", three), 0)
		r.want("primary by min_healthy: 192.0.2.2")
		r.down("192.0.2.2")
		r.pass(2)
		r.want(farOff)
	}, one, two)
}

// Before the first lookup the addresses of a pool are not known. It is down if it was.
func TestRestartBeforeLookup(t *testing.T) {
	kinds := map[string]struct {
		configure func(*Record)
		set       func(*Tracker, string)
		up        string // while nothing is known
	}{
		"host": {
			host(0, "lb.example.net."), func(t *Tracker, addrs string) { t.SetHost(0, 0, ips(addrs)) },
			"primary ok: servfail",
		},
		"next": {next(0), func(t *Tracker, addrs string) { t.SetNext(0, said(5, addrs), said(5, "")) }, "primary ok: next"},
	}
	for name, kind := range kinds {
		t.Run(name, func(t *testing.T) {
			inLab(t, kind.configure, func(r *run) {
				is := func(want string) {
					t.Helper()
					if got := text(r.tracker); got != want {
						t.Errorf("got %s, want %s", got, want)
					}
				}
				const second = "secondary failed_over: 192.0.2.2"
				kind.set(r.tracker, "192.0.2.10")
				r.pass(1)
				r.restart(r.rec, 0)
				is(kind.up)
				kind.set(r.tracker, "192.0.2.10")
				is("primary ok: 192.0.2.10")
				r.down("192.0.2.10")
				r.pass(3)
				is(second)

				r.restart(r.rec, 0)
				is(second)
				r.restart(r.rec, 0) // before the lookup
				is(second)
				r.tracker.LookupFailed(0, 0)
				is(second)
				r.restart(r.rec, 0)
				r.reload(r.rec)
				is(second)
				kind.set(r.tracker, "192.0.2.10")
				is(second)
				kind.set(r.tracker, "192.0.2.10 192.0.2.11") // nothing is known of the other
				is("primary ok: 192.0.2.11")
				if m := r.tracker.Memory(); len(m.Endpoints) != 3 {
					t.Errorf("kept is %+v", m.Endpoints)
				}
				r.restart(r.rec, 2*maxAge)
				is(kind.up)
				kind.set(r.tracker, "192.0.2.10")
				is("primary ok: 192.0.2.10")
			}, one, two)
		})
	}
}

// A CNAME needs no address to answer with, but does not lead to a pool that was down.
func TestRestartCNAME(t *testing.T) {
	alias := func(rec *Record) { host(0, "lb.example.net.")(rec); rec.Pools[0].CNAME = true }
	inLab(t, alias, func(r *run) {
		r.tracker.SetHost(0, 0, ips("192.0.2.10"))
		r.down("192.0.2.10")
		r.pass(2)
		r.restart(r.rec, 0)
		r.want(byTwo)
		r.tracker.LookupFailed(0, 0)
		r.want(byTwo)
		r.tracker.SetHost(0, 0, ips("192.0.2.10"))
		r.want(byTwo)
		r.up("192.0.2.10")
		r.pass(1)
		if v := r.tracker.View(); v.Pool != 0 {
			t.Errorf("it does not come back: %+v", v)
		}
	}, one, two)
}

// A state that no lookup has confirmed is forgotten in time, however many restarts there
// are.
func TestRestartsForget(t *testing.T) {
	inLab(t, host(0, "lb.example.net."), func(r *run) {
		r.tracker.SetHost(0, 0, ips("192.0.2.10"))
		r.down("192.0.2.10")
		r.pass(2)
		for range 6 {
			r.restart(r.rec, maxAge/5)
		}
		if m := r.tracker.Memory(); len(m.Endpoints) != 1 {
			t.Errorf("kept is %+v", m.Endpoints)
		}
		r.restart(r.rec, 0)
		time.Sleep(maxAge)
		r.tracker.SetHost(0, 0, ips("192.0.2.10"))
		if got := text(r.tracker); got != "primary ok: 192.0.2.10" {
			t.Errorf("got %s", got)
		}
	}, one, two)
}

// leaveOne has a record leave its first pool, which is held back from then on.
func leaveOne(r *run) {
	r.down("192.0.2.1")
	r.pass(2)
	r.up("192.0.2.1")
	r.pass(2)
	r.want(held)
}

// A hold holds on, however old it is.
func TestRestartWhileHeld(t *testing.T) {
	inLab(t, manual, func(r *run) {
		leaveOne(r)
		r.restart(r.rec, 100*maxAge)
		r.want(held)
		r.pass(100)
		r.want(held)
		if h := r.tracker.Status().Held; h == nil || h.Pool != 0 {
			t.Errorf("held is %+v", h)
		}
		r.tracker.Release("test")
		r.want(byOne)
		r.restart(r.rec, 0)
		r.want(byOne)
	}, one, two)
	inLab(t, after(10*time.Second), func(r *run) {
		leaveOne(r) // up for two seconds
		r.restart(r.rec, time.Second)
		r.pass(6)
		r.want(held)
		r.pass(2)
		r.want(byOne)

		leaveOne(r)
		r.restart(r.rec, time.Minute) // it was up all the time, for all we know
		r.want(byOne)

		leaveOne(r)
		r.restart(r.rec, 2*maxAge) // nothing is known
		r.want(held)
		r.pass(9)
		r.want(held)
		r.pass(2)
		r.want(byOne)

		r.down("192.0.2.1")
		r.pass(2)
		r.up("192.0.2.1")
		r.restart(r.rec, 0)
		r.pass(8)
		r.want(held)
	}, one, two)
}

// A hold ends all the same if there is a reason for it.
func TestRestartEndsHold(t *testing.T) {
	inLab(t, manual, func(r *run) { // the hold ends at once if the serving pool goes down
		leaveOne(r)
		r.down("192.0.2.2")
		r.restart(r.rec, 0)
		r.pass(3)
		r.want(byOne)
	}, one, two)
	inLab(t, manual, func(r *run) { // the Corefile knows no holds any more
		leaveOne(r)
		r.restart(r.lab.record(one, two), 0)
		r.want(byOne)
	}, one, two)
}

// A release that is saved before it is done.
func TestMemoryRelease(t *testing.T) {
	inLab(t, manual, func(r *run) {
		r.down("192.0.2.1")
		r.pass(2)
		m := r.tracker.Memory()
		if len(m.Pools) != 1 || !m.Pools[0].Held || !m.Pools[0].Down {
			t.Errorf("got %+v", m.Pools)
		}
		if m.Release(); m.Pools[0].Held || !m.Pools[0].Down {
			t.Errorf("after the release: %+v", m.Pools)
		}
	}, one, two)
}

// An endpoint that kept going up and down has to prove itself after a restart, too.
func TestRestartDamped(t *testing.T) {
	damped := func(rec *Record) {
		for p := range rec.Pools {
			rec.Pools[p].Endpoints[0].Checks[0].Spec.Damping = time.Minute
		}
	}
	inLab(t, damped, func(r *run) {
		for range 4 {
			r.down("192.0.2.1")
			r.pass(2)
			r.up("192.0.2.1")
			r.pass(20)
		}
		r.want(byOne)
		factor := r.tracker.pools[0].endpoints[0].addresses[0].leases[0].Damping().Factor
		r.restart(r.rec, time.Second)
		r.pass(2)
		r.want(byOne)
		r.down("192.0.2.1")
		r.pass(2)
		r.want(byTwo)
		if now := r.tracker.pools[0].endpoints[0].addresses[0].leases[0].Damping().Factor; factor < 4 || now != 2*factor {
			t.Errorf("the factor was %d and is %d", factor, now)
		}
	}, one, two)
}
