package pool

import (
	"testing"
	"testing/synctest"
	"time"
)

const (
	one   = "primary 1: 192.0.2.1"
	two   = "secondary 1: 192.0.2.2"
	three = "far 1: 192.0.2.3"

	byOne  = "primary by min_healthy: 192.0.2.1"
	byTwo  = "secondary by min_healthy: 192.0.2.2"
	held   = "secondary by failback: 192.0.2.2"
	farOff = "far by min_healthy: 192.0.2.3"
)

func after(d time.Duration) func(*Record) {
	return func(rec *Record) { rec.Failback = Failback{Hold: true, After: d} }
}

func manual(rec *Record) { rec.Failback = Failback{Hold: true} }

func TestFailbackAtOnce(t *testing.T) {
	inLab(t, unchanged, func(r *run) {
		r.down("192.0.2.1")
		r.pass(2)
		r.want(byTwo)
		r.up("192.0.2.1")
		r.pass(1)
		r.want(byOne)
	}, one, two)
}

func TestFailbackAfter(t *testing.T) {
	inLab(t, after(10*time.Second), func(r *run) {
		r.want(byOne)
		r.down("192.0.2.1")
		r.pass(2)
		r.want(byTwo)
		r.up("192.0.2.1")
		r.pass(1)
		r.want(held)
		r.pass(9)
		r.want(held)
		if s := r.tracker.View().State; s != FailedOver {
			t.Errorf("the record is %s while its primary is held back", s)
		}
		r.pass(1)
		r.want(byOne)
	}, one, two)
}

// A pool must be up without interruption for the time of the hold.
func TestFailbackBreaks(t *testing.T) {
	inLab(t, after(10*time.Second), func(r *run) {
		r.down("192.0.2.1")
		r.pass(2)
		r.up("192.0.2.1")
		r.pass(8)
		r.want(held)
		r.down("192.0.2.1")
		r.pass(1)
		r.want(byTwo)
		r.up("192.0.2.1")
		r.pass(10)
		r.want(held)
		r.pass(1)
		r.want(byOne)
	}, one, two)
}

func TestFailbackManual(t *testing.T) {
	inLab(t, manual, func(r *run) {
		r.down("192.0.2.1")
		r.pass(2)
		r.up("192.0.2.1")
		r.pass(100_000)
		r.want(held)
		r.down("192.0.2.2")
		r.pass(1)
		r.want(byOne)
		r.up("192.0.2.2")
		r.pass(1)
		r.want(byOne) // a better pool needs no hold of a worse one
		r.down("192.0.2.1")
		r.pass(1)
		r.want(byTwo)
	}, one, two)
}

// The hold ends at once if the serving pool goes down, even if a third one is up.
func TestHoldEndsWhenWhatServesGoesDown(t *testing.T) {
	inLab(t, after(time.Hour), func(r *run) {
		r.down("192.0.2.1")
		r.pass(2)
		r.up("192.0.2.1")
		r.pass(2)
		r.want(held)
		r.down("192.0.2.2")
		r.pass(1)
		r.want(byOne)
	}, one, two, three)
}

// A pool that serves in place of another is held back as well once it was down.
func TestHoldOfTwo(t *testing.T) {
	inLab(t, after(10*time.Second), func(r *run) {
		r.down("192.0.2.1")
		r.pass(1)
		r.down("192.0.2.2")
		r.pass(1)
		r.want(farOff)
		r.up("192.0.2.2")
		r.pass(5)
		r.want("far by failback: 192.0.2.3")
		r.up("192.0.2.1")
		r.pass(6)
		r.want(held)
		r.pass(5)
		r.want(byOne)
	}, one, two, three)
}

// After all were down, the first to be back serves.
func TestNothingIsHeldBackAfterAllWereDown(t *testing.T) {
	inLab(t, manual, func(r *run) {
		r.down("192.0.2.1 192.0.2.2")
		r.pass(2)
		r.want("none by all_down: 192.0.2.1")
		r.up("192.0.2.2")
		r.pass(1)
		r.want(byTwo)
		r.up("192.0.2.1")
		r.pass(1)
		r.want(held)
	}, one, two)
	inLab(t, manual, func(r *run) {
		r.down("192.0.2.1 192.0.2.2")
		r.pass(2)
		r.up("192.0.2.1")
		r.pass(1)
		r.want(byOne)
	}, one, two)
}

// A pool that went down while another answered is not held back.
func TestPoolThatDidNotServeIsNotHeldBack(t *testing.T) {
	faster := func(rec *Record) { latency(20, 100*ms, 50*ms)(rec); manual(rec) }
	inLab(t, faster, func(r *run) {
		r.want("secondary by steer: 192.0.2.2")
		r.down("192.0.2.1")
		r.pass(2)
		r.up("192.0.2.1")
		r.slow("192.0.2.1", 10*ms)
		r.pass(100)
		r.want("primary by steer: 192.0.2.1")
	}, one, two)
}

// A pool is held back whatever steer and prefer say.
func TestHoldBindsSteerAndPrefer(t *testing.T) {
	steer := func(rec *Record) {
		manual(rec)
		rec.Steer.Kind = SteerWeighted
		for i := range rec.Pools {
			rec.Pools[i].Weight, rec.Pools[i].Prefer = 1, "true"
		}
	}
	inLab(t, steer, func(r *run) {
		r.down("192.0.2.1")
		r.pass(2)
		r.up("192.0.2.1")
		r.pass(2)
		if v := r.tracker.View(); len(v.Ranked) != 2 || v.Ranked[0] == 0 {
			t.Errorf("pools %v may answer", v.Ranked)
		}
	}, one, two, three)
	fast := func(rec *Record) {
		manual(rec)
		rec.Steer = Steer{Kind: SteerLatency, Margin: 20}
	}
	inLab(t, fast, func(r *run) {
		r.slow("192.0.2.1", time.Millisecond)
		r.slow("192.0.2.2", 100*time.Millisecond)
		r.down("192.0.2.1")
		r.pass(2)
		r.up("192.0.2.1")
		r.pass(100)
		r.want(held)
	}, one, two)
}

// A reload neither ends a hold nor starts it anew.
func TestHoldOutlivesReload(t *testing.T) {
	inLab(t, after(10*time.Second), func(r *run) {
		r.down("192.0.2.1")
		r.pass(2)
		r.reload(r.rec)
		r.want(byTwo)
		r.up("192.0.2.1")
		r.pass(5)
		r.reload(r.rec)
		r.want(held)
		r.pass(5)
		r.want(held)
		r.pass(1)
		r.want(byOne)
	}, one, two)
}

// A reload that removes the pool that answered ends the hold, as if it had gone down.
func TestHoldEndsWithThePoolThatServed(t *testing.T) {
	inLab(t, manual, func(r *run) {
		r.down("192.0.2.1")
		r.pass(2)
		r.up("192.0.2.1")
		r.pass(2)
		r.want(held)
		alone := r.lab.record(one)
		manual(alone)
		r.reload(alone)
		r.want(byOne)
		if s := r.tracker.View().State; s != OK {
			t.Errorf("the record is %s", s)
		}
	}, one, two)
}

// A reload to failback auto ends the hold.
func TestHoldEndsWithItsSetting(t *testing.T) {
	inLab(t, manual, func(r *run) {
		r.down("192.0.2.1")
		r.pass(2)
		r.up("192.0.2.1")
		r.pass(2)
		r.reload(r.lab.record(one, two))
		r.want(byOne)
	}, one, two)
}

// Stop does not wait for a timer that fired while it was being set again.
func TestStopWaitsForNoTimer(t *testing.T) {
	inLab(t, after(time.Hour), func(r *run) {
		r.down("192.0.2.1")
		r.pass(2)
		r.up("192.0.2.1")
		r.pass(2)
		r.tracker.mu.Lock()
		at, ok := r.tracker.nextHoldEnd()
		if !ok {
			t.Fatal("nothing is held back")
		}
		time.Sleep(time.Until(at)) // onTimer runs, and waits for the lock
		r.tracker.pools[0].since = time.Now()
		r.tracker.setTimer()
		r.tracker.mu.Unlock()
		synctest.Wait()
		stopped := time.Now()
		r.tracker.Stop(r.reg)
		if d := time.Since(stopped); d > 0 {
			t.Errorf("Stop waited for %s", d)
		}
	}, one, two)
}

// A pool that comes up with a reload was down until then.
func TestHoldBeginsWithTheReloadThatMadeItHealthy(t *testing.T) {
	inLab(t, after(10*time.Second), func(r *run) {
		r.pass(100)
		r.down("192.0.2.1")
		r.pass(2)
		unchecked := r.lab.record(one, two)
		after(10 * time.Second)(unchecked)
		unchecked.Pools[0].Endpoints[0].Checks = nil
		r.reload(unchecked)
		r.want(held)
		r.pass(9)
		r.want(held)
		r.pass(2)
		r.want(byOne)
	}, one, two)
}
