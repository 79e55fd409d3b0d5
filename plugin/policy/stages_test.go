package policy

import (
	"fmt"
	"testing"
	"time"

	"github.com/miekg/dns"

	"github.com/coredns-failover/failover/healthcheck"
	"github.com/coredns-failover/failover/plugin/pool"
)

// each changes the checks of a record.
func each(rec *pool.Record, f func(*healthcheck.Spec)) {
	for p := range rec.Pools {
		for e := range rec.Pools[p].Endpoints {
			for k := range rec.Pools[p].Endpoints[e].Checks {
				f(&rec.Pools[p].Endpoints[e].Checks[k].Spec)
			}
		}
	}
}

// stagesRecord has the pools 192.0.2.1 and .2, .3, and .4.
func stagesRecord(l *lab) *pool.Record {
	rec := &pool.Record{TTL: 30, MinTTL: 30, Steer: pool.Steer{Kind: pool.SteerOrder}}
	for i, addrs := range []string{"192.0.2.1 192.0.2.2", "192.0.2.3", "192.0.2.4"} {
		p := pool.Pool{
			Name: []string{"primary", "secondary", "far"}[i], Weight: 1,
			MinHealthy: pool.Quorum{Count: 1}, Policy: pool.Policy{Kind: pool.All},
		}
		for _, e := range endpoints(addrs) {
			e.Name, e.Checks, e.Require = e.Addr.String(), []healthcheck.Key{l.key(e.Addr)}, 1
			p.Endpoints = append(p.Endpoints, e)
		}
		rec.Pools = append(rec.Pools, p)
	}
	return rec
}

// Each stage of the decision matters in one of these: without its setting, or without its
// input, the same script ends otherwise.
func TestStages(t *testing.T) {
	const (
		first  = "0 by min_healthy, 30 s: 192.0.2.1 192.0.2.2"
		second = "1 by min_healthy, 30 s: 192.0.2.3"
	)
	type config = func(*pool.Record)
	manual := func(rec *pool.Record) { rec.Failback.Hold = true }
	preferFar := func(rec *pool.Record) { rec.Pools[2].Prefer = "incidr(client_ip(), '10.0.0.0/8')" }
	toFar := func(rec *pool.Record) {
		rec.Steer.Kind = pool.SteerWeighted
		rec.Pools[0].Weight, rec.Pools[1].Weight = 0, 0
	}
	pair := func(rec *pool.Record) { rec.Pools[0].MinHealthy.Count = 2 }
	panics := func(rec *pool.Record) { rec.Pools[0].Panic = 60 }
	tests := []struct {
		stage         string
		script        string
		without, with config
		wantWithout   string
		wantWith      string
	}{
		{"witness", "w 2 -99 -1 -2 2", nil, nil, second, first}, // without: the script's w
		{"unknown", "2 ?1 ?2 5", nil, nil, second, first},       // without: failures instead
		{"thresholds", "2 -1 -2 2", nil, func(rec *pool.Record) { each(rec, func(s *healthcheck.Spec) { s.Fall.Count = 3 }) }, second, first},
		{"damping", "2 -1 -2 1 +1 +2 1 -1 -2 1 +1 +2 1", nil, func(rec *pool.Record) { each(rec, func(s *healthcheck.Spec) { s.Damping = time.Minute }) }, first, second},
		{"min_healthy", "2 -1 2", nil, pair, "0 by min_healthy, 30 s: 192.0.2.2", second},
		{"failback", "2 -1 -2 2 +1 +2 2", nil, manual, first, "1 by failback, 30 s: 192.0.2.3"},
		{"prefer", "2", nil, preferFar, first, "2 by prefer, 30 s: 192.0.2.4"},
		{"steer", "2", nil, toFar, first, "2 by steer, 30 s: 192.0.2.4"},
		{"panic", "2 -1 2", nil, panics, "0 by min_healthy, 30 s: 192.0.2.2", first},
		{"policy", "2", nil, func(rec *pool.Record) { rec.Pools[0].Policy = pool.Policy{Kind: pool.Hash, Count: 1} }, first, "0 by min_healthy, 30 s: 192.0.2.1"},
		{"count", "2", nil, func(rec *pool.Record) { rec.Pools[0].Policy.Count = 1 }, first, "0 by min_healthy, 30 s: 192.0.2.1"},
		{"ttl", "2 -1 -2 1", func(rec *pool.Record) { each(rec, func(s *healthcheck.Spec) { s.Fall.Count = 3 }) }, func(rec *pool.Record) {
			each(rec, func(s *healthcheck.Spec) { s.Fall.Count = 3 })
			rec.MinTTL = 5
		}, first, "0 by min_healthy, 5 s: 192.0.2.1 192.0.2.2"},
		{"all_down", "2 -1 -2 -3 -4 2", nil, func(rec *pool.Record) { rec.AllDown = pool.AllDown{Kind: pool.AllDownPool, Pool: 1} },
			"-1 by all_down, 30 s: 192.0.2.1 192.0.2.2", "-1 by all_down, 30 s: 192.0.2.3"},

		// Of two that disagree, the one that comes first in the order.
		{"unknown before min_healthy", "?1 ?2 5", nil, pair, first, first},
		{"min_healthy before prefer", "2 -4 2", nil, preferFar, first, first},
		{"failback before prefer", "2 -4 2 +4 2", preferFar, func(rec *pool.Record) { preferFar(rec); manual(rec) }, "2 by prefer, 30 s: 192.0.2.4", first},
		{"failback before steer", "2 -4 2 +4 2", toFar, func(rec *pool.Record) { toFar(rec); manual(rec) }, "2 by steer, 30 s: 192.0.2.4", "0 by steer, 30 s: 192.0.2.1 192.0.2.2"},
		{"prefer before steer", "2", toFar, func(rec *pool.Record) { toFar(rec); rec.Pools[0].Prefer = "true" }, "2 by steer, 30 s: 192.0.2.4", "0 by prefer, 30 s: 192.0.2.1 192.0.2.2"},
		{"min_healthy before panic", "2 -1 2", nil, func(rec *pool.Record) { pair(rec); panics(rec) }, "0 by min_healthy, 30 s: 192.0.2.2", second},
		{"panic before policy", "2 -1 2", func(rec *pool.Record) { rec.Pools[0].Policy.Count = 1 }, func(rec *pool.Record) { panics(rec); rec.Pools[0].Policy.Count = 1 },
			"0 by min_healthy, 30 s: 192.0.2.2", "0 by min_healthy, 30 s: 192.0.2.1"},
	}
	for _, tc := range tests {
		t.Run(tc.stage, func(t *testing.T) {
			play := func(configure config, script, want string) {
				t.Helper()
				make := func(l *lab) *pool.Record {
					rec := stagesRecord(l)
					if configure != nil {
						configure(rec)
					}
					return rec
				}
				inLab(t, make, func(w *world) {
					w.play(script)
					rrs, p, by := w.ask("10.0.0.1", dns.TypeA)
					if got := fmt.Sprintf("%d by %s, %d s: %s", p, by, rrs[0].Header().Ttl, text(rrs)); got != want {
						w.Errorf("%s ends with %s, want %s", script, got, want)
					}
				})
			}
			without := tc.script
			switch tc.stage {
			case "witness":
				without = "2 -99 -1 -2 2"
			case "unknown":
				without = "2 -1 -2 5"
			}
			play(tc.without, without, tc.wantWithout)
			play(tc.with, tc.script, tc.wantWith)
		})
	}
}
