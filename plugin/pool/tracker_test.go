package pool

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/healthcheck"
)

// A lab is a check whose results a test sets.
type lab struct {
	mu   sync.Mutex // guards the following
	sick map[netip.Addr]bool
	slow map[netip.Addr]time.Duration // how long a probe takes
	lost map[netip.Addr]bool          // whose results are inconclusive
}

func (l *lab) Type() string               { return "lab" }
func (l *lab) String() string             { return "lab" }
func (l *lab) Prober() healthcheck.Prober { return healthcheck.ProberFunc(l.probe) }
func (l *lab) set(addr string, sick bool) {
	l.mu.Lock()
	l.sick[netip.MustParseAddr(addr)] = sick
	l.mu.Unlock()
}
func (l *lab) key(a string) healthcheck.Key {
	return healthcheck.Key{Addr: netip.MustParseAddr(a), Spec: healthcheck.Spec{
		Check: l, Interval: time.Second, Timeout: time.Second, FastInterval: time.Second,
		Fall: healthcheck.Threshold{Count: 1}, Rise: healthcheck.Threshold{Count: 1},
	}}
}

func (l *lab) probe(_ context.Context, addr netip.Addr) error {
	l.mu.Lock()
	sick, slow, lost := l.sick[addr], l.slow[addr], l.lost[addr]
	l.mu.Unlock()
	time.Sleep(slow)
	if lost {
		return healthcheck.MarkInconclusive(errors.New("no route"))
	}
	if sick {
		return errors.New("sick")
	}
	return nil
}

// record returns a record of pools, each written as "NAME MIN_HEALTHY: ADDRESS...". An
// address in brackets is disabled.
func (l *lab) record(pools ...string) *Record {
	rec := &Record{Name: "app.example.org.", Zone: "example.org.", TTL: 5, MinTTL: 5,
		Steer: Steer{Kind: SteerOrder}, AllDown: AllDown{Kind: AllDownPrimary}}
	for _, text := range pools {
		p := Pool{Policy: Policy{Kind: All}}
		head, addrs, _ := strings.Cut(text, ":")
		fmt.Sscanf(head, "%s %d", &p.Name, &p.MinHealthy.Count)
		for _, a := range strings.Fields(addrs) {
			bare := strings.Trim(a, "[]")
			e := Endpoint{Addr: netip.MustParseAddr(bare), Name: bare, Disabled: a != bare}
			if !e.Disabled {
				e.Checks, e.Require = []healthcheck.Key{l.key(bare)}, 1
			}
			p.Endpoints = append(p.Endpoints, e)
		}
		rec.Pools = append(rec.Pools, p)
	}
	return rec
}

// text returns the View as "POOL STATE: ADDRESSES".
func text(tracker *Tracker) string {
	v := tracker.View()
	s := fmt.Sprintf("%s %s:", tracker.PoolName(v.Pool), v.State)
	if set := v.Set(v.Pool); set != nil {
		for _, rr := range slices.Concat(set.A.RRs, set.AAAA.RRs) {
			s += " " + dns.Field(rr, 1)
		}
	}
	switch v.Mode {
	case ServFail, Pending:
		s += " servfail"
	case Next:
		s += " next"
	}
	return s
}

// A witness is an Observer that records its calls.
type witness struct {
	mu   sync.Mutex // guards the following
	seen []string
}

func (w *witness) note(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.seen = append(w.seen, fmt.Sprintf(format, args...))
}

// told returns the calls since told was last called.
func (w *witness) told() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	defer func() { w.seen = nil }()
	return w.seen
}

// lines returns the number of calls since told was last called.
func (w *witness) lines() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.seen)
}

func (w *witness) EndpointChanged(p int, e string, _, s healthcheck.State, _ string) {
	w.note("endpoint %d/%s %s", p, e, s)
}

func (w *witness) EndpointGone(p int, e string) { w.note("endpoint %d/%s gone", p, e) }

func (w *witness) ViewChanged(from, to *View, reason string) {
	if from == nil {
		w.note("start at %d", to.Pool)
		return
	}
	w.note("%d -> %d: %s", from.Pool, to.Pool, reason)
}

func TestWhichPoolAnswers(t *testing.T) {
	tests := []struct {
		name  string
		pools []string
		down  string // addresses that are sick
		want  string
	}{
		{"all well", []string{"primary 1: 192.0.2.1 192.0.2.2", "secondary 1: 192.0.2.3"}, "", "primary ok: 192.0.2.1 192.0.2.2"},
		{"one of two", []string{"primary 1: 192.0.2.1 192.0.2.2", "secondary 1: 192.0.2.3"}, "192.0.2.1", "primary ok: 192.0.2.2"},
		{"failed over", []string{"primary 1: 192.0.2.1 192.0.2.2", "secondary 1: 192.0.2.3"}, "192.0.2.1 192.0.2.2", "secondary failed_over: 192.0.2.3"},
		{"the third", []string{"primary 1: 192.0.2.1", "secondary 1: 192.0.2.3", "far 1: 192.0.2.4"}, "192.0.2.1 192.0.2.3", "far failed_over: 192.0.2.4"},
		{"a lower pool that is down matters not", []string{"primary 1: 192.0.2.1", "secondary 1: 192.0.2.3"}, "192.0.2.3", "primary ok: 192.0.2.1"},
		{"min_healthy", []string{"primary 2: 192.0.2.1 192.0.2.2", "secondary 1: 192.0.2.3"}, "192.0.2.1", "secondary failed_over: 192.0.2.3"},
		{"no pool has min_healthy", []string{"primary 2: 192.0.2.1 192.0.2.2", "secondary 1: 192.0.2.3"}, "192.0.2.1 192.0.2.3", "primary degraded: 192.0.2.2"},
		{"nor the first", []string{"primary 2: 192.0.2.1 192.0.2.2", "secondary 2: 192.0.2.3 192.0.2.4"}, "192.0.2.1 192.0.2.2 192.0.2.4", "secondary degraded: 192.0.2.3"},
		{"families go together", []string{"primary 1: 192.0.2.1 2001:db8::1", "secondary 1: 192.0.2.3 2001:db8::3"}, "192.0.2.1", "primary ok: 2001:db8::1"},
		{"disabled", []string{"primary 1: [192.0.2.1] 192.0.2.2", "secondary 1: 192.0.2.3"}, "", "primary ok: 192.0.2.2"},
		{"a disabled pool", []string{"primary 1: [192.0.2.1]", "secondary 1: 192.0.2.3"}, "", "secondary failed_over: 192.0.2.3"},
		{"a disabled one is not healthy", []string{"primary 2: [192.0.2.1] 192.0.2.2", "secondary 1: 192.0.2.3"}, "", "secondary failed_over: 192.0.2.3"},
		{"all down", []string{"primary 1: 192.0.2.1 192.0.2.2", "secondary 1: 192.0.2.3"}, "192.0.2.1 192.0.2.2 192.0.2.3", "none degraded: 192.0.2.1 192.0.2.2"},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l, reg := &lab{sick: make(map[netip.Addr]bool)}, healthcheck.NewRegistry(healthcheck.Hooks{})
				tracker := NewTracker(l.record(tc.pools...), new(witness))
				tracker.Start(reg, nil)
				time.Sleep(1500 * time.Millisecond)
				for _, a := range strings.Fields(tc.down) {
					l.set(a, true)
				}
				time.Sleep(1500 * time.Millisecond)
				if got := text(tracker); got != tc.want {
					t.Errorf("got %s, want %s", got, tc.want)
				}
				for _, a := range strings.Fields(tc.down) {
					l.set(a, false)
				}
				time.Sleep(1500 * time.Millisecond)
				if tracker.View().State == Degraded {
					t.Errorf("still degraded when all are well: %s", text(tracker))
				}
				tracker.Stop(reg)
				if reg.Len() != 0 {
					t.Errorf("%d checkers left", reg.Len())
				}
			})
		})
	}
}

func TestAllDown(t *testing.T) {
	pools := []string{"primary 1: [192.0.2.9] 192.0.2.1", "secondary 1: 192.0.2.3 192.0.2.1", "far 1: 2001:db8::4"}
	tests := []struct {
		allDown AllDown
		want    string
	}{
		{AllDown{Kind: AllDownPrimary}, "none degraded: 192.0.2.1"},
		{AllDown{Kind: AllDownAll}, "none degraded: 192.0.2.1 192.0.2.3 2001:db8::4"},
		{AllDown{Kind: AllDownPool, Pool: 1}, "none degraded: 192.0.2.3 192.0.2.1"},
		{AllDown{Kind: AllDownNoData}, "none degraded:"},
		{AllDown{Kind: AllDownServFail}, "none degraded: servfail"},
		{AllDown{Kind: AllDownNext}, "none degraded: next"},
	}
	for _, tc := range tests {
		t.Run(string(tc.allDown.Kind), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l, reg := &lab{sick: make(map[netip.Addr]bool)}, healthcheck.NewRegistry(healthcheck.Hooks{})
				for _, a := range []string{"192.0.2.1", "192.0.2.3", "2001:db8::4"} {
					l.set(a, true)
				}
				rec := l.record(pools...)
				rec.AllDown = tc.allDown
				tracker := NewTracker(rec, new(witness))
				tracker.Start(reg, nil)
				time.Sleep(5 * time.Second)
				if got := text(tracker); got != tc.want {
					t.Errorf("got %s, want %s", got, tc.want)
				}
				tracker.Stop(reg)
			})
		})
	}
}

func TestAllDownPrimarySkipsDisabledPools(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, reg := &lab{sick: make(map[netip.Addr]bool)}, healthcheck.NewRegistry(healthcheck.Hooks{})
		l.set("192.0.2.3", true)
		tracker := NewTracker(l.record("primary 1: [192.0.2.1]", "secondary 1: 192.0.2.3"), new(witness))
		tracker.Start(reg, nil)
		time.Sleep(5 * time.Second)
		if got := text(tracker); got != "none degraded: 192.0.2.3" {
			t.Errorf("got %s", got)
		}
		tracker.Stop(reg)
	})
}

// An endpoint with several checks is up once enough are up, down once too many are down
// for that, else unknown.
func TestRequire(t *testing.T) {
	tests := []struct {
		states  string // of the checks: u, d or - for unknown
		require int
		want    healthcheck.State
	}{
		{"", 0, healthcheck.Up},
		{"u", 1, healthcheck.Up},
		{"d", 1, healthcheck.Down},
		{"-", 1, healthcheck.Unknown},
		{"uu", 2, healthcheck.Up},
		{"u-", 2, healthcheck.Unknown},
		{"ud", 2, healthcheck.Down},
		{"d-", 2, healthcheck.Down},
		{"u-", 1, healthcheck.Up},
		{"ud", 1, healthcheck.Up},
		{"d-", 1, healthcheck.Unknown},
		{"dd", 1, healthcheck.Down},
		{"uud", 2, healthcheck.Up},
		{"u-d", 2, healthcheck.Unknown},
		{"udd", 2, healthcheck.Down},
	}
	for _, tc := range tests {
		t.Run(fmt.Sprintf("%d of %s", tc.require, tc.states), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				reg := healthcheck.NewRegistry(healthcheck.Hooks{})
				e := &Endpoint{Addr: netip.MustParseAddr("192.0.2.1"), Require: tc.require}
				for _, s := range tc.states {
					e.Checks = append(e.Checks, verdict(s))
				}
				a := &address{cfg: e, addr: e.Addr}
				a.acquire(&Tracker{reg: reg, stopped: true}, 0, healthcheck.Unknown, nil)
				time.Sleep(5 * time.Second)
				if got := a.aggregate(never); got != tc.want {
					t.Errorf("got %s, want %s", got, tc.want)
				}
				reg.Release(a.leases...)
			})
		})
	}
}

// verdict returns a Key whose check becomes up (u) or down (d) or stays unknown (-).
func verdict(s rune) healthcheck.Key {
	key := (&lab{sick: map[netip.Addr]bool{netip.MustParseAddr("192.0.2.1"): s == 'd'}}).key("192.0.2.1")
	if s == '-' {
		key.Spec.Check = mute{new(int)}
	}
	return key
}

// The results of a mute check are inconclusive.
type mute struct{ *int }

func (mute) Type() string   { return "mute" }
func (mute) String() string { return "mute" }
func (mute) Prober() healthcheck.Prober {
	return healthcheck.ProberFunc(func(context.Context, netip.Addr) error {
		return healthcheck.MarkInconclusive(errors.New("mute"))
	})
}

func TestObserver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, reg, w := &lab{sick: make(map[netip.Addr]bool)}, healthcheck.NewRegistry(healthcheck.Hooks{}), new(witness)
		tracker := NewTracker(l.record("primary 1: [192.0.2.9] 192.0.2.1", "secondary 1: 192.0.2.3"), w)
		tracker.Start(reg, nil)
		time.Sleep(1500 * time.Millisecond)
		l.set("192.0.2.1", true)
		time.Sleep(time.Second)
		l.set("192.0.2.1", false)
		time.Sleep(time.Second)
		tracker.Stop(reg)
		l.set("192.0.2.1", true)
		time.Sleep(time.Minute)
		want := []string{
			"endpoint 0/192.0.2.1 unknown", "endpoint 1/192.0.2.3 unknown", "start at 0",
			"endpoint 0/192.0.2.1 up", "endpoint 1/192.0.2.3 up",
			"endpoint 0/192.0.2.1 down", "0 -> 1: 192.0.2.1 of pool primary is down: 1 failure: sick",
			"endpoint 0/192.0.2.1 up", "1 -> 0: 192.0.2.1 of pool primary is up: 1 pass",
		}
		if got := w.told(); !slices.Equal(got, want) {
			t.Errorf("got:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	})
}

// An endpoint keeps its state over a reload, also if its check was changed. A new endpoint
// starts unknown.
func TestStateIsInherited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, reg := &lab{sick: make(map[netip.Addr]bool)}, healthcheck.NewRegistry(healthcheck.Hooks{})
		l.set("192.0.2.1", true)
		old := NewTracker(l.record("primary 1: 192.0.2.1", "secondary 1: 192.0.2.3"), new(witness))
		old.Start(reg, nil)
		time.Sleep(5 * time.Second)

		same := NewTracker(l.record("primary 1: 192.0.2.1", "secondary 1: 192.0.2.3"), new(witness))
		same.Start(reg, old)
		rec := l.record("primary 1: 192.0.2.1", "secondary 1: 192.0.2.3")
		rec.Pools[0].Endpoints[0].Checks[0].Spec.Interval = 2 * time.Second
		changed := NewTracker(rec, new(witness))
		changed.Start(reg, old)
		added := NewTracker(l.record("primary 1: 192.0.2.1 192.0.2.2", "secondary 1: 192.0.2.3"), new(witness))
		added.Start(reg, old)

		for tracker, want := range map[*Tracker]string{
			same:    "secondary failed_over: 192.0.2.3",
			changed: "secondary failed_over: 192.0.2.3",
			added:   "primary ok: 192.0.2.2",
		} {
			if got := text(tracker); got != want {
				t.Errorf("got %s, want %s", got, want)
			}
			tracker.Stop(reg)
		}
		old.Stop(reg)
	})
}

// A View does not change when another one replaces it.
func TestViewsAreImmutable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, reg := &lab{sick: make(map[netip.Addr]bool)}, healthcheck.NewRegistry(healthcheck.Hooks{})
		tracker := NewTracker(l.record("primary 1: 192.0.2.1 192.0.2.2"), new(witness))
		tracker.Start(reg, nil)
		time.Sleep(1500 * time.Millisecond)
		before := tracker.View()
		l.set("192.0.2.1", true)
		time.Sleep(2 * time.Second)
		if old, now := len(before.Set(0).A.RRs), len(tracker.View().Set(0).A.RRs); old != 2 || now != 1 {
			t.Errorf("the view from before has %d addresses, the one from now %d", old, now)
		}
		tracker.Stop(reg)
	})
}
