package pool

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coredns-failover/failover/healthcheck"
)

// A run is a Tracker in a lab, in virtual time. Probes run in the first half of every
// second; the run goes on in the middle of it.
type run struct {
	*testing.T
	lab     *lab
	reg     *healthcheck.Registry
	rec     *Record
	tracker *Tracker
	obs     *witness
}

// inLab calls f with the record of these pools, changed by configure, after its first
// probes.
func inLab(t *testing.T, configure func(*Record), f func(r *run), pools ...string) {
	synctest.Test(t, func(t *testing.T) {
		r := &run{
			T: t, obs: new(witness),
			lab: &lab{sick: make(map[netip.Addr]bool), slow: make(map[netip.Addr]time.Duration), lost: make(map[netip.Addr]bool)},
			reg: healthcheck.NewRegistry(healthcheck.Hooks{}),
		}
		r.rec = r.lab.record(pools...)
		configure(r.rec)
		r.tracker = NewTracker(r.rec, r.obs)
		r.tracker.Start(r.reg, nil)
		time.Sleep(500 * time.Millisecond)
		f(r)
		r.tracker.Stop(r.reg)
		if n := r.reg.Len(); n != 0 {
			t.Errorf("%d checkers left", n)
		}
	})
}

// unchanged changes nothing.
func unchanged(*Record) {}

// reload replaces the configuration.
func (r *run) reload(rec *Record) {
	old := r.tracker
	r.rec, r.tracker = rec, NewTracker(rec, r.obs)
	r.tracker.Start(r.reg, old)
	old.Stop(r.reg)
}

// down makes probes of addresses fail from now on, up makes them pass.
func (r *run) down(addrs string) { r.set(addrs, true) }
func (r *run) up(addrs string)   { r.set(addrs, false) }
func (r *run) set(addrs string, sick bool) {
	for _, a := range strings.Fields(addrs) {
		r.lab.set(a, sick)
	}
}

// lose makes probes of addresses inconclusive from now on, find makes them conclusive.
func (r *run) lose(addrs string) { r.setLost(addrs, true) }
func (r *run) find(addrs string) { r.setLost(addrs, false) }
func (r *run) setLost(addrs string, lost bool) {
	r.lab.mu.Lock()
	defer r.lab.mu.Unlock()
	for _, a := range strings.Fields(addrs) {
		r.lab.lost[netip.MustParseAddr(a)] = lost
	}
}

func (r *run) slow(addr string, d time.Duration) {
	r.lab.mu.Lock()
	defer r.lab.mu.Unlock()
	r.lab.slow[netip.MustParseAddr(addr)] = d
}

func (r *run) pass(seconds int) { time.Sleep(time.Duration(seconds) * time.Second) }

// want compares the answer with "POOL by STAGE: ADDRESSES".
func (r *run) want(what string) {
	r.Helper()
	v := r.tracker.View()
	_, addrs, _ := strings.Cut(text(r.tracker), ":")
	if got := fmt.Sprintf("%s by %s:%s", r.tracker.PoolName(v.Pool), v.By, addrs); got != what {
		r.Errorf("got %s, want %s", got, what)
	}
}
