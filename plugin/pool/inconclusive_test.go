package pool

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coredns-failover/failover/healthcheck"
)

// falls makes n failures take every check down.
func falls(n int) func(*Record) {
	return func(rec *Record) {
		for p := range rec.Pools {
			for e := range rec.Pools[p].Endpoints {
				for k := range rec.Pools[p].Endpoints[e].Checks {
					rec.Pools[p].Endpoints[e].Checks[k].Spec.Fall.Count = n
				}
			}
		}
	}
}

// dual are two sites with addresses of both families.
var dual = []string{"primary 1: 192.0.2.1 2001:db8::1", "secondary 1: 192.0.2.2 2001:db8::2"}

const (
	onPrimary   = "primary by min_healthy: 192.0.2.1 2001:db8::1"
	onSecondary = "secondary by min_healthy: 192.0.2.2 2001:db8::2"
	family6     = "2001:db8::1 2001:db8::2"
	family4     = "192.0.2.1 192.0.2.2"
)

// On a host without IPv6, a dead site does not stay up because of its AAAA. The reason of
// the change says why.
func TestInconclusiveAddressesFollow(t *testing.T) {
	inLab(t, falls(3), func(r *run) {
		r.lose(family6)
		r.pass(10)
		r.want(onPrimary)
		r.down("192.0.2.1")
		r.pass(2)
		r.want(onPrimary)
		r.pass(1)
		r.want(onSecondary)
		r.up("192.0.2.1")
		r.pass(1)
		r.want(onPrimary)
		r.obs.wants(r.T, "192.0.2.1 of pool primary is down: 3 failures in 2s: sick; "+
			"2001:db8::1 of pool primary cannot be asked (no route) and counts as down, as others of it are")
	}, dual...)
}

// Probes of a silent site last nearly a whole interval, so that none of them ends between
// two probes of the other address.
func TestAddressesFollowASilentSite(t *testing.T) {
	inLab(t, falls(3), func(r *run) {
		r.pass(5)
		r.slow("192.0.2.1", time.Second)
		r.down("192.0.2.1")
		r.lose(family6)
		r.pass(12)
		r.want(onSecondary)
	}, dual...)
}

func (w *witness) wants(t *testing.T, line string) {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	if !slices.ContainsFunc(w.seen, func(l string) bool { return strings.Contains(l, line) }) {
		t.Errorf("the Observer was not told %q:\n%s", line, strings.Join(w.seen, "\n"))
	}
}

func TestWhoFollows(t *testing.T) {
	tests := []struct {
		name      string
		pools     []string
		configure func(*Record)
		play      func(*run)
		want      string
	}{
		{"a family is lost when its site is down already", dual, falls(3), func(r *run) {
			r.lose("2001:db8::1")
			r.pass(1)
			r.down("192.0.2.1")
			r.pass(5)
		}, onSecondary},
		{"not before fall results could not ask", dual, falls(9), func(r *run) {
			r.down("192.0.2.1 2001:db8::1")
			r.pass(9)
			r.up("2001:db8::1")
			r.pass(2)
			r.lose("2001:db8::1")
			r.pass(8)
		}, "primary by min_healthy: 2001:db8::1"},
		{"and then it does", dual, falls(9), func(r *run) {
			r.down("192.0.2.1 2001:db8::1")
			r.pass(9)
			r.up("2001:db8::1")
			r.pass(2)
			r.lose("2001:db8::1")
			r.pass(9)
		}, onSecondary},
		{"one that was down comes up with the others", []string{"primary 2: 192.0.2.1 2001:db8::1", dual[1]}, falls(2), func(r *run) {
			r.down("2001:db8::1")
			r.pass(5)
			r.lose("2001:db8::1")
			r.pass(5)
		}, onPrimary},
		{"none, if all are inconclusive", dual, falls(2), func(r *run) {
			r.down("192.0.2.1")
			r.pass(5)
			r.lose(family4 + " " + family6)
			r.pass(600)
		}, "primary by min_healthy: 2001:db8::1"},
		{"none, if only disabled ones are conclusive", []string{"primary 1: [192.0.2.1] 2001:db8::1", dual[1]}, falls(2), func(r *run) {
			r.lose("2001:db8::1")
			r.down("192.0.2.1")
			r.pass(60)
		}, "primary by min_healthy: 2001:db8::1"},
		{"those of another pool are no others", []string{"primary 1: 2001:db8::1", "secondary 1: 192.0.2.2"}, falls(2), func(r *run) {
			r.lose("2001:db8::1")
			r.pass(60)
		}, "primary by min_healthy: 2001:db8::1"},
		{"one of several is up", []string{"primary 2: 192.0.2.1 192.0.2.2 2001:db8::1", "secondary 1: 192.0.2.3"}, falls(2), func(r *run) {
			r.lose("2001:db8::1")
			r.pass(5)
			r.down("192.0.2.2")
			r.pass(5)
		}, "primary by min_healthy: 192.0.2.1 2001:db8::1"},
		{"it is asked again, and its own word counts", dual, falls(2), func(r *run) {
			r.lose(family6)
			r.down("192.0.2.1")
			r.pass(10)
			r.find(family6)
			r.pass(1)
		}, "primary by min_healthy: 2001:db8::1"},
		{"its old word is no reason to go back", dual, falls(5), func(r *run) {
			r.pass(5)
			r.lose(family6)
			r.down("192.0.2.1")
			r.pass(10)
			r.down("2001:db8::1")
			r.find(family6)
			r.pass(1)
		}, onSecondary},
		{"panic counts it", []string{"primary 1: 192.0.2.1 192.0.2.2 2001:db8::1", dual[1]}, func(rec *Record) {
			falls(2)(rec)
			rec.Pools[0].Panic = 50
		}, func(r *run) {
			r.lose("2001:db8::1")
			r.down("192.0.2.2")
			r.pass(10)
		}, "primary by min_healthy: 192.0.2.1 2001:db8::1"},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			inLab(t, tc.configure, func(r *run) {
				tc.play(r)
				r.want(tc.want)
			}, tc.pools...)
		})
	}
}

// An endpoint does not follow its pool if its other checks decide its state.
func TestFollowingIsForUndecidedEndpoints(t *testing.T) {
	tests := []struct {
		require    int
		sick       string // of the other check at 2001:db8::1
		four       string // at 192.0.2.1, both checks
		follows    bool
		wantHealth bool
	}{
		{require: 1, wantHealth: true},
		{require: 1, four: "192.0.2.1", wantHealth: true},
		{require: 2, follows: true, wantHealth: true},
		{require: 2, four: "192.0.2.1", follows: true},
		{require: 2, sick: "2001:db8::1"},
		{require: 1, sick: "2001:db8::1", follows: true, wantHealth: true},
		{require: 1, sick: "2001:db8::1", four: "192.0.2.1", follows: true},
	}
	for _, tc := range tests {
		ping := &lab{sick: make(map[netip.Addr]bool), lost: map[netip.Addr]bool{netip.MustParseAddr("2001:db8::1"): true}}
		inLab(t, func(rec *Record) {
			for e := range rec.Pools[0].Endpoints {
				end := &rec.Pools[0].Endpoints[e]
				end.Checks, end.Require = append(end.Checks, ping.key(end.Addr.String())), tc.require
			}
			falls(2)(rec)
		}, func(r *run) {
			r.down(tc.sick + " " + tc.four)
			for _, a := range strings.Fields(tc.four) {
				ping.set(a, true)
			}
			r.pass(10)
			r.tracker.mu.Lock()
			defer r.tracker.mu.Unlock()
			a := r.tracker.pools[0].endpoints[1].addresses[0]
			if a.follows != tc.follows || a.healthy() != tc.wantHealth {
				t.Errorf("%+v: follows %v, healthy %v", tc, a.follows, a.healthy())
			}
		}, dual...)
	}
}

// Following goes on over a reload, also to a changed check.
func TestFollowingOverReloads(t *testing.T) {
	for _, changed := range []bool{false, true} {
		inLab(t, falls(3), func(r *run) {
			r.lose(family6)
			r.down("192.0.2.1")
			r.pass(10)
			rec := *r.rec
			if changed {
				rec = *r.lab.record(dual...)
				falls(4)(&rec)
			}
			for range 5 {
				r.reload(&rec)
				r.want(onSecondary)
				r.pass(1)
				r.want(onSecondary)
			}
			r.pass(20)
			r.want(onSecondary)
			r.up("192.0.2.1")
			r.pass(2)
			r.want(onPrimary)
		}, dual...)
	}
}

// An inconclusive result counts if others have had a conclusive one since the last.
func TestStreak(t *testing.T) {
	tests := []struct {
		fall         int
		script, want string // others are a: conclusive since the last result, b: before it, -: inconclusive
	}{
		{3, "aaaa", "nnyy"},
		{3, "baa", "nny"}, // the first one needs no result in between
		{3, "bbbbb", "nnnnn"},
		{3, "ababa", "nnnny"},
		{3, "aa-aaa", "nnnnny"},
		{3, "aaa-b-", "nnyyyy"},
		{1, "b", "n"}, {1, "a", "n"}, {1, "aa", "ny"}, {1, "bba", "nny"},
	}
	for _, tc := range tests {
		s := newStreak(healthcheck.Key{Spec: healthcheck.Spec{Fall: healthcheck.Threshold{Count: tc.fall}}})
		got := ""
		for i, letter := range tc.script {
			s.add(others{conclusive: letter != '-', since: letter == 'a'}, "no route", time.Unix(int64(i), 0))
			got += map[bool]string{true: "y", false: "n"}[s.reached()]
		}
		if got != tc.want {
			t.Errorf("fall %d, %s: %s, want %s", tc.fall, tc.script, got, tc.want)
		}
	}
}

// An endpoint with inconclusive results is shown as unknown. That changes no TTL.
func TestInconclusiveIsShown(t *testing.T) {
	inLab(t, func(rec *Record) {
		falls(3)(rec)
		rec.TTL = 30
	}, func(r *run) {
		ttl := func(want uint32) {
			t.Helper()
			if v := r.tracker.View(); v.TTL != want {
				t.Errorf("after %d lines: the TTL is %d, want %d", r.obs.lines(), v.TTL, want)
			}
		}
		ttl(30)
		r.lose("2001:db8::1")
		r.pass(2)
		ttl(5) // it may be about to follow
		r.pass(10)
		ttl(30)
		r.obs.wants(r.T, "2001:db8::1 unknown")
		r.find("2001:db8::1")
		r.pass(1)
		ttl(30)
	}, dual...)
}

// A host goes offline and comes back, target by target in any order, within less time than
// a streak takes to reach its limit: nothing changes, whatever was up, down or inconclusive
// before.
func TestOffline(t *testing.T) {
	for seed := range uint64(100) {
		rng := rand.New(rand.NewPCG(seed, 1))
		const fall = 5
		pools, addrs := randomPools(rng)
		inLab(t, falls(fall), func(r *run) {
			var stay, gone []string
			for _, a := range addrs {
				r.set(a, rng.IntN(2) == 0)
			}
			r.pass(rng.IntN(2) * 20) // so that some of those that get lost are known
			for _, a := range addrs {
				if rng.IntN(4) > 0 {
					stay = append(stay, a)
					continue
				}
				r.lose(a)
				gone = append(gone, a)
			}
			r.pass(60)
			before := text(r.tracker)
			r.obs.told()
			// Within three seconds: no streak reaches its limit so soon.
			r.setLostInSteps(stay, true, fall-1, rng)
			r.pass(100)
			r.setLostInSteps(stay, false, fall-1, rng)
			r.pass(60)
			for _, l := range r.obs.told() {
				if strings.Contains(l, "->") {
					t.Errorf("seed %d: %v, %v lost: %s", seed, pools, gone, l)
				}
			}
			if now := text(r.tracker); now != before {
				t.Errorf("seed %d: %v, %v lost: before %s, after %s", seed, pools, gone, before, now)
			}
		}, pools...)
		if t.Failed() {
			return
		}
	}
}

// randomPools returns one to three pools, for inLab, and all their addresses.
func randomPools(rng *rand.Rand) (pools, addrs []string) {
	pools = make([]string, 1+rng.IntN(3))
	for p := range pools {
		n := 1 + rng.IntN(4)
		pools[p] = fmt.Sprintf("pool%d %d:", p, 1+rng.IntN(n))
		for i := range n {
			a := fmt.Sprintf("192.0.2.%d", 10*p+i+1)
			if rng.IntN(2) == 0 {
				a = fmt.Sprintf("2001:db8::%d", 10*p+i+1)
			}
			pools[p] += " " + a
			addrs = append(addrs, a)
		}
	}
	return pools, addrs
}

// setLostInSteps loses or finds each address in one of n rounds of probes, at random.
func (r *run) setLostInSteps(addrs []string, lost bool, n int, rng *rand.Rand) {
	at := make([][]string, n)
	for _, a := range addrs {
		s := rng.IntN(n)
		at[s] = append(at[s], a)
	}
	for _, addrs := range at {
		r.setLost(strings.Join(addrs, " "), lost)
		r.pass(1)
	}
}
