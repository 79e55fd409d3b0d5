package pool

import (
	"testing"
	"time"
)

// latency returns a configuration that ranks pools by round trips, and sets these.
func latency(margin int, took ...time.Duration) func(*Record) {
	return func(rec *Record) {
		rec.Steer = Steer{Kind: SteerLatency, Margin: margin}
		for p, d := range took {
			e := rec.Pools[p].Endpoints[0]
			e.Checks[0].Spec.Check.(*lab).slow[e.Addr] = d
		}
	}
}

const ms = time.Millisecond

func TestSteerLatency(t *testing.T) {
	const steered = "secondary by steer: 192.0.2.2"
	const first = "primary by steer: 192.0.2.1"
	tests := []struct {
		name             string
		margin           int
		primary, second  time.Duration
		want             string
		later, laterNext time.Duration // what it takes from then on
		wantLater        string
	}{
		{"the faster", 20, 100 * ms, 50 * ms, steered, 100 * ms, 50 * ms, steered},
		{"not by the margin", 20, 100 * ms, 80 * ms, first, 100 * ms, 79 * ms, steered},
		{"back only by the margin", 20, 100 * ms, 50 * ms, steered, 100 * ms, 124 * ms, steered},
		{"back by the margin", 20, 100 * ms, 50 * ms, steered, 100 * ms, 126 * ms, first},
		{"no margin", 0, 100 * ms, 99 * ms, steered, 98 * ms, 99 * ms, first},
		{"no margin, the same", 0, 100 * ms, 100 * ms, first, 100 * ms, 100 * ms, first},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			inLab(t, latency(tc.margin, tc.primary, tc.second), func(r *run) {
				r.want(tc.want)
				r.slow("192.0.2.1", tc.later)
				r.slow("192.0.2.2", tc.laterNext)
				r.pass(200) // until what was before is forgotten
				r.want(tc.wantLater)
			}, one, two)
		})
	}
}

// One slow probe does not change the rank. A record whose first pool in rank answers has not
// failed over.
func TestSteerLatencyIsSmoothed(t *testing.T) {
	inLab(t, latency(20, 100*ms, 50*ms), func(r *run) {
		r.slow("192.0.2.2", 200*ms)
		r.pass(1)
		r.slow("192.0.2.2", 50*ms)
		for range 10 {
			r.want("secondary by steer: 192.0.2.2")
			r.pass(1)
		}
		if s := r.tracker.View().State; s != OK {
			t.Errorf("the record is %s", s)
		}
	}, one, two)
}

// A pool that is down does not answer, even if it is the fastest.
func TestSteerLatencyNeverToAPoolThatIsDown(t *testing.T) {
	inLab(t, latency(20, 100*ms, 50*ms, 200*ms), func(r *run) {
		r.want("secondary by steer: 192.0.2.2")
		r.down("192.0.2.2")
		r.pass(1)
		r.want("primary by steer: 192.0.2.1")
		if s := r.tracker.View().State; s != FailedOver {
			t.Errorf("the record is %s", s)
		}
		r.down("192.0.2.1")
		r.pass(1)
		r.want("far by min_healthy: 192.0.2.3")
		r.up("192.0.2.1 192.0.2.2")
		r.pass(1)
		r.want("secondary by steer: 192.0.2.2") // it is where it was
	}, one, two, three)
}

// The round trip of a pool is the median of its healthy addresses.
func TestSteerLatencyOfHealthyEndpoints(t *testing.T) {
	inLab(t, latency(20), func(r *run) {
		r.slow("192.0.2.1", 100*ms)
		r.slow("192.0.2.10", 40*ms)
		r.slow("192.0.2.11", 40*ms)
		r.slow("192.0.2.2", 60*ms)
		r.pass(200)
		r.want("primary by steer: 192.0.2.1 192.0.2.10 192.0.2.11")
		r.down("192.0.2.10 192.0.2.11")
		r.pass(1)
		r.want("secondary by steer: 192.0.2.2")
	}, "primary 1: 192.0.2.1 192.0.2.10 192.0.2.11", two)
}

// The rank outlives a reload, and so do the round trips.
func TestSteerLatencyOutlivesReload(t *testing.T) {
	inLab(t, latency(20, 100*ms, 90*ms), func(r *run) {
		r.slow("192.0.2.2", 50*ms)
		r.pass(200)
		r.slow("192.0.2.2", 90*ms)
		r.pass(200)
		r.want("secondary by steer: 192.0.2.2")
		r.reload(r.rec)
		r.want("secondary by steer: 192.0.2.2")
		r.pass(10)
		r.want("secondary by steer: 192.0.2.2")
	}, one, two)
}

func TestSteerWeightedRanks(t *testing.T) {
	weigh := func(weights ...int) func(*Record) {
		return func(rec *Record) {
			rec.Steer.Kind = SteerWeighted
			for i, w := range weights {
				rec.Pools[i].Weight = w
			}
		}
	}
	inLab(t, weigh(0, 1, 1), func(r *run) {
		r.want("secondary by steer: 192.0.2.2") // a pool without a weight is not the first
		if s := r.tracker.View().State; s != OK {
			t.Errorf("the record is %s", s)
		}
		r.down("192.0.2.2 192.0.2.3")
		r.pass(2)
		r.want(byOne)
		if s := r.tracker.View().State; s != FailedOver {
			t.Errorf("the record is %s", s)
		}
	}, one, two, three)
}
