package healthcheck

import (
	"math/rand/v2"
	"slices"
	"time"
)

// An outcome is what the callbacks are called with after a probe.
type outcome struct {
	result       Result
	err          error
	took         time.Duration
	transition   Transition
	changed      bool     // there is a transition
	firstFailure bool     // it is the first failure against the state
	onDoubt      bool     // call the functions of Lease.OnDoubt
	onProbe      bool     // call the functions of Lease.OnProbe
	causeBefore  string   // why the probe before was inconclusive, or ""
	cause        string   // why this one is
	leases       []*Lease // whose functions are called
}

// conclude applies a result and then calls the callbacks.
func (c *checker) conclude(conn Watched, err error, start time.Time) {
	out, unused, ok := c.apply(conn, err, start, c.registry.clock.Now())
	if unused != nil {
		unused.Close()
	}
	if ok {
		c.publish(&out)
	}
}

// apply applies a result to the state and sets the timer. The caller has to close unused,
// if it is not nil. ok is false if the checker was stopped, and the result dropped.
func (c *checker) apply(conn Watched, err error, start, end time.Time) (out outcome, unused Watched, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cancel()
	c.cancel = nil
	if c.phase == stopped {
		return out, conn, false
	}
	c.phase = waiting
	out.result, out.err, out.took = resultOf(err), err, end.Sub(start)
	from := c.machine.state
	why, changed := c.observeLocked(out.result, start, end)
	out.changed = changed
	c.last = LastProbe{Time: start, Result: out.result, Took: out.took}
	if err != nil {
		c.last.Reason = err.Error()
	}
	if changed {
		c.since = end
		out.transition = Transition{Key: c.key(), From: from, To: c.machine.state, Reason: withCause(why, err)}
	}
	out.firstFailure = out.result == Fail && c.machine.count == 1
	out.onDoubt = c.noteDoubtLocked(out.result, start)
	c.showLocked(&out)
	if out.result == Inconclusive {
		out.cause = c.last.Reason
	}
	out.causeBefore, c.cause = c.cause, out.cause
	if out.onProbe = c.onProbe.Load() > 0; changed || out.onDoubt || out.onProbe {
		out.leases = slices.Clone(c.leases)
	}
	if c.spec.Watch {
		unused = c.keepLocked(conn)
	}
	c.scheduleLocked(start)
	return out, unused, true
}

func withCause(why string, err error) string {
	if err == nil {
		return why
	}
	return why + ": " + err.Error()
}

// observeLocked hands a result to the machine. While this server is cut off, results say
// nothing about targets: they are dropped, and so is what was counted. That includes
// results of witnesses, which may be endpoints too.
func (c *checker) observeLocked(r Result, start, end time.Time) (why string, changed bool) {
	w := &c.registry.witnesses
	witnessed := w.record(c, r, start)
	if w.cutOff.Load() {
		c.machine.forget()
		return "", false
	}
	cond := conditions{undamped: c.needed.Load() > 0, witnessed: witnessed}
	return c.machine.observe(&c.spec.Spec, cond, r, start, end)
}

// showLocked sets what Lease's methods return.
func (c *checker) showLocked(out *outcome) {
	c.state.Store(uint32(c.machine.state))
	c.settled.Store(c.machine.settled(&c.spec.Spec))
	if out.result == Pass {
		c.measureLocked(out.took)
	}
	c.first.Store(true)
}

// measureLocked adds a passed probe to the moving average.
func (c *checker) measureLocked(took time.Duration) {
	smoothed := time.Duration(c.roundTrip.Load())
	if smoothed == 0 {
		smoothed = took
	}
	smoothed += (took - smoothed) / 8
	c.roundTrip.Store(int64(max(1, smoothed))) // 0 is none
}

// scheduleLocked sets the timer for the probe after one that began at start. If that took
// longer than the wait, the next begins at once.
func (c *checker) scheduleLocked(start time.Time) {
	fast := c.machine.fastPace() || c.registry.witnesses.awaits(c)
	wait, slack := c.spec.wait(fast, rand.Int64N)
	c.timer.At(start.Add(wait), slack)
}

// publish calls the callbacks, those for the transition first. It is called without a
// lock: a callback takes locks of its own, and may wait for the log.
func (c *checker) publish(out *outcome) {
	r := c.registry
	if out.firstFailure {
		r.witnesses.wake()
	}
	if out.changed {
		for _, l := range out.leases {
			l.changed(out.transition)
		}
		r.changed(out.transition)
	}
	if out.onDoubt {
		callOnDoubt(out.leases, out.cause)
	}
	if out.onProbe {
		callOnProbe(out.leases)
	}
	r.callFrozen()
	r.probed(c.key(), out.result, out.took, out.err)
	if out.causeBefore != out.cause {
		r.causeChanged(c.key(), out.causeBefore, out.cause)
	}
}

// callOnProbe calls the functions that Lease.OnProbe registered.
func callOnProbe(leases []*Lease) {
	for _, l := range leases {
		if f := l.onProbe.Load(); f != nil {
			(*f)()
		}
	}
}
