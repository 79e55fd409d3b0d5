package flapping

import (
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coredns-failover/failover/healthcheck"
)

// A goal is one of the default settings. missed returns "" if settings reach it, else what
// they do.
type goal struct {
	name   string
	missed func(healthcheck.Spec) string
}

// goals are what the manual promises. Each is computed, or simulated for an event at every
// millisecond of the schedule.
var goals = []goal{
	{"at most one false failover a month at 5 % lost", func(s healthcheck.Spec) string {
		return tooOften(between(s, 0.05), 30*day)
	}},
	{"none in a year at 1 % lost, in 99 of 100 years", func(s healthcheck.Spec) string {
		return tooOften(between(s, 0.01), 100*365*day)
	}},
	{"none from a restart of 1 s", func(s healthcheck.Spec) string {
		return anyFalse(restarts(outageRefused, s, rounds, time.Second), s) + anyFalse(restarts(outageSilent, s, rounds, time.Second), s)
	}},
	{"a dead target is found within 8 s at p99", func(s healthcheck.Spec) string {
		return slow(deaths(outageRefused, s, rounds), s) + slow(deaths(outageSilent, s, rounds), s)
	}},
	{"none from a restart of 2 s that refuses", func(s healthcheck.Spec) string {
		return anyFalse(restarts(outageRefused, s, rounds, 2*time.Second), s)
	}},
	{"at most one slow start of a hundred flaps", func(s healthcheck.Spec) string {
		c := slowStarts(s, rounds)
		if o := c.run(s); o.False*100 > o.Trials {
			return fmt.Sprintf("%d of %d do", o.False, o.Trials)
		}
		return ""
	}},
	{"answers go back within 12 s at p99", func(s healthcheck.Spec) string {
		c := deaths(outageSilent, s, rounds)
		o := c.run(s)
		if p99 := quantile(o.Returns, 0.99); len(o.Returns) < o.Trials || p99 > 12*time.Second {
			return fmt.Sprintf("%d of %d do, p99 %v", len(o.Returns), o.Trials, p99)
		}
		return ""
	}},
}

func tooOften(between, least time.Duration) string {
	if between >= least {
		return ""
	}
	return fmt.Sprintf("one in %.2f days", between.Hours()/24)
}

func anyFalse(c scenario, s healthcheck.Spec) string {
	if o := c.run(s); o.False > 0 {
		return fmt.Sprintf("%s: %d of %d; ", c.Name, o.False, o.Trials)
	}
	return ""
}

func slow(c scenario, s healthcheck.Spec) string {
	o := c.run(s)
	if o.Missed > 0 || o.False > 0 || len(o.Found) != o.Trials {
		return fmt.Sprintf("%s: of %d deaths %d were found, %d missed, and %d failovers were false; ",
			c.Name, o.Trials, len(o.Found), o.Missed, o.False)
	}
	if p99 := quantile(o.Found, 0.99); p99 >= 8*time.Second {
		return fmt.Sprintf("%s: p99 %v; ", c.Name, p99)
	}
	return ""
}

func settings(t *testing.T, properties ...string) healthcheck.Spec {
	t.Helper()
	s, err := Settings(properties...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// The defaults reach the goals, also if the jitter makes all waits as short or as long as it
// can.
func TestDefaults(t *testing.T) {
	t.Parallel()
	random := settings(t)
	short, long := random, random
	short.Jitter, short.Interval, short.FastInterval = 0, shortest(random.Interval, 10), shortest(random.FastInterval, 10)
	long.Jitter, long.Interval, long.FastInterval = 0, longest(random.Interval, 10), longest(random.FastInterval, 10)
	for name, s := range map[string]healthcheck.Spec{"random": random, "short": short, "long": long} {
		for _, g := range goals {
			if missed := g.missed(s); missed != "" {
				t.Errorf("%s waits: %s: %s", name, g.name, missed)
			}
		}
	}
}

// Other settings than the defaults miss a goal.
func TestWorseSettings(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ properties, misses string }{
		{"fall 4 3s", "at 5 % lost"},
		{"fall 3 3s", "at 1 % lost"},
		{"fall 6 3s", "found within 8 s"},
		{"fall 5 6s", "found within 8 s"},
		{"fall 5", "restart of 2 s"},
		{"fall 5; fast_interval 100ms", "restart of 1 s"},
		{"fall 2; fast_interval 100ms", "restart of 1 s"},
		{"interval 3s", "found within 8 s"},
		{"timeout 1500ms", "found within 8 s"},
		{"fast_interval 1500ms", "found within 8 s"},
		{"rise 3", "slow start"},
		{"rise 7", "go back"},
	} {
		t.Run(tc.properties, func(t *testing.T) {
			t.Parallel()
			s := settings(t, strings.Split(tc.properties, ";")...)
			g := goals[slices.IndexFunc(goals, func(g goal) bool { return strings.Contains(g.name, tc.misses) })]
			if g.missed(s) == "" {
				t.Errorf("reaches the goal: %s", g.name)
			}
		})
	}
}

// A simulated year confirms the computed numbers.
func TestYear(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		loss    float64
		atMost  int
		because string
	}{
		{0.01, 0, "none in a year"},
		{0.05, 12, "one a month"},
	} {
		c := probesLost(tc.loss, 1, year)
		if o := c.run(settings(t)); o.False > tc.atMost {
			t.Errorf("%s: %d false failovers in %v, want %s", c.Name, o.False, o.Time, tc.because)
		}
	}
}

// Computed and simulated numbers agree if there are enough failovers.
func TestBetween(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		loss       float64
		properties []string
	}{
		{0.3, []string{"damping off"}},
		{0.4, []string{"damping off", "rise 1"}},
		{0.3, []string{"damping off", "fall 2 4s"}},
		{0.1, []string{"damping off", "interval 1s", "fast_interval 100ms", "fall 2"}},
		{0.05, []string{"damping off", "interval 1s", "fast_interval 100ms", "fall 1"}},
	} {
		c, s := probesLost(tc.loss, 1, 10*day), settings(t, tc.properties...)
		o := c.run(s)
		simulated, computed := o.UpTime.Seconds()/float64(o.False), between(s, tc.loss).Seconds()
		if o.False < 500 || math.Abs(simulated/computed-1) > 4/math.Sqrt(float64(o.False)) {
			t.Errorf("%s with %v: %.1f s between %d failovers, computed %.1f s", c.Name, tc.properties, simulated, o.False, computed)
		}
	}
}

// The numbers in the manual are those of the simulation.
func TestReadme(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../healthcheck/README.md")
	if err != nil {
		t.Fatal(err)
	}
	readme := strings.Join(strings.Fields(string(text)), " ")
	s := settings(t)
	most := func(c scenario) string {
		return fmt.Sprintf("%.0f s", math.Ceil(quantile(c.run(s).Found, 1).Seconds()))
	}
	for _, want := range []string{
		"that refuses connections leaves the answer | within " + most(deaths(outageRefused, s, rounds)) + " |",
		"that is silent leaves the answer | within " + most(deaths(outageSilent, s, rounds)) + " |",
		fmt.Sprintf("that loses 5 %% of the probes goes down | once in %.0f days |", between(s, 0.05).Hours()/24),
		fmt.Sprintf("the same with `fall 2` | once in %.0f minutes |", between(settings(t, "fall 2"), 0.05).Minutes()),
		fmt.Sprintf("the same with `fall 2` at 1 %% | %.0f times a day |", float64(day)/float64(between(settings(t, "fall 2"), 0.01))),
	} {
		if !strings.Contains(readme, want) {
			t.Errorf("healthcheck/README.md does not say: %s", want)
		}
	}
	if c := probesLost(0.3, 1, 60*day); c.run(s).Away < 50*day {
		t.Errorf("%s: the secondary answers for %v of 60 days only", c.Name, c.run(s).Away)
	}
	for pause, flaps := range map[time.Duration]bool{0: true, 10 * time.Second: false} {
		c := rollingRestarts(s, 2, pause)
		if o := c.run(s); (o.False > 0) != flaps {
			t.Errorf("%s: %d of %d failed over", c.Name, o.False, o.Trials)
		}
	}
}

// Every second of a trial is counted where it belongs.
func TestTrialAccounts(t *testing.T) {
	t.Parallel()
	s := settings(t, "damping off")
	dead, grey := span{onset, onset + time.Minute}, span{3 * time.Minute, 4 * time.Minute}
	trial := trial{
		primary: []target{target(fine).during(dead, refuses).during(grey, silent)},
		until:   5 * time.Minute,
		dead:    []span{dead},
		grey:    []span{grey},
		due:     true,
		over:    grey.to,
	}
	o := trial.run(&s, 1)
	if len(o.Found) != 1 || len(o.Returns) != 1 || o.False != 1 {
		t.Fatalf("got %+v, want one failover while it is dead, one while it is grey, and one return", o)
	}
	if o.Stale != o.Found[0] {
		t.Errorf("stale for %v, and found after %v", o.Stale, o.Found[0])
	}
	if first := o.Away - o.Returns[0]; first < 7200*time.Millisecond || first > 11*time.Second {
		t.Errorf("away for %v after the death, want the time of five passes", first)
	}
	greyUp := o.UpTime + o.Away + (time.Minute - o.Stale) - (o.Time - time.Minute)
	if greyUp < 5*time.Second || greyUp > 7200*time.Millisecond {
		t.Errorf("grey and up for %v, want 5 to 7.2 s: five probes that time out", greyUp)
	}
}

// A pool of two endpoints is down while both are.
func TestPoolOfTwo(t *testing.T) {
	t.Parallel()
	s := settings(t)
	one, both := span{time.Minute, 3 * time.Minute}, span{2 * time.Minute, 3 * time.Minute}
	trial := trial{
		primary: []target{target(fine).during(one, refuses), target(fine).during(both, refuses)},
		until:   5 * time.Minute,
	}
	away := trial.away(&s, 1)
	if len(away) != 1 || away[0].from < both.from+3*time.Second || away[0].from > both.from+6*time.Second ||
		away[0].to < both.to+8*time.Second || away[0].to > both.to+11*time.Second {
		t.Errorf("away during %v, want from 3 to 6 s after %v on to 8 to 11 s after %v", away, both.from, both.to)
	}
}

// A death that ends before it is found counts as missed, and a failover after it as false.
func TestTrialMisses(t *testing.T) {
	t.Parallel()
	s := settings(t, "fall 5 6s")
	brief := span{onset, onset + 5500*time.Millisecond}
	trial := trial{primary: []target{target(fine).during(brief, silent)}, until: time.Minute, dead: []span{brief}, due: true}
	misses, late := 0, 0
	for seed := range uint64(100) {
		o := trial.run(&s, seed)
		misses, late = misses+o.Missed, late+o.False
		if o.Missed != 1 || o.Stale != brief.to-brief.from || o.False > 1 {
			t.Fatalf("got %+v, want it stale for all of %v", o, brief)
		}
	}
	if late == 0 || late == misses {
		t.Errorf("%d of %d failovers came too late, want some", late, misses)
	}
}

// Small numbers are not rounded to 0.
func TestNumbers(t *testing.T) {
	t.Parallel()
	if got := number(0.00001); got != "1e-05" {
		t.Errorf("got %s", got)
	}
	if got := quantile([]time.Duration{3, 1, 2}, 0.5); got != 2 {
		t.Errorf("got %v as the middle of 1, 2 and 3", got)
	}
}
