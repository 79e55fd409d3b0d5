package healthcheck

import (
	"math/rand/v2"
	"slices"
	"time"
)

// An outcome is what a probe came to, as far as others are told.
type outcome struct {
	result       Result
	err          error
	took         time.Duration
	transition   Transition
	changed      bool     // by the transition
	firstFailure bool     // the first of those that may take the endpoint down
	onDoubt      bool     // those who asked for it are told of doubt; see Lease.OnDoubt
	onProbe      bool     // and others of every probe; see Lease.OnProbe
	causeBefore  string   // why the probe before could not ask, or ""
	cause        string   // why this one could not
	leases       []*Lease // who are told, if any are
}

// conclude does what a result brings about, and sets the timer.
func (c *checker) conclude(conn Watched, err error, start time.Time) {
	out, unused, ok := c.apply(conn, err, start, c.registry.clock.Now())
	if unused != nil {
		unused.Close()
	}
	if ok {
		c.publish(&out)
	}
}

// apply takes the result in and sets the time of the next probe. It returns a
// connection that is to be closed, if there is one, and false if the checker was
// stopped in the meantime: then the result is that of the stop.
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
	if changed {
		out.transition = Transition{Key: c.key, From: from, To: c.machine.state, Reason: withCause(why, err)}
	}
	out.firstFailure = out.result == Fail && c.machine.count == 1
	out.onDoubt = c.noteDoubtLocked(out.result, start)
	c.showLocked(&out)
	if out.result == Inconclusive {
		out.cause = err.Error()
	}
	out.causeBefore, c.cause = c.cause, out.cause
	if out.onProbe = c.onProbe.Load() > 0; changed || out.onDoubt || out.onProbe {
		out.leases = slices.Clone(c.leases)
	}
	if c.key.Spec.Watch {
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

// observeLocked hands a result to the machine, unless this server is cut off:
// then what it sees of others says nothing, and what was counted is void. That
// goes for witnesses too, which may be endpoints as well.
func (c *checker) observeLocked(r Result, start, end time.Time) (why string, changed bool) {
	w := &c.registry.witnesses
	witnessed := w.record(c, r, start)
	if w.cutOff.Load() {
		c.machine.forget()
		return "", false
	}
	cond := conditions{undamped: c.needed.Load() > 0, witnessed: witnessed}
	return c.machine.observe(&c.key.Spec, cond, r, start, end)
}

// showLocked lets readers see what came of a probe.
func (c *checker) showLocked(out *outcome) {
	c.state.Store(uint32(c.machine.state))
	c.settled.Store(c.machine.settled(&c.key.Spec))
	if out.result == Pass {
		c.measureLocked(out.took)
	}
	c.first.Store(true)
}

// measureLocked takes in how long a probe took that passed.
func (c *checker) measureLocked(took time.Duration) {
	smoothed := time.Duration(c.roundTrip.Load())
	if smoothed == 0 {
		smoothed = took
	}
	smoothed += (took - smoothed) / 8
	c.roundTrip.Store(int64(max(1, smoothed))) // 0 is none
}

// scheduleLocked sets the timer for the probe after one that began at start. One
// that is overdue, because the last took so long, follows at once.
func (c *checker) scheduleLocked(start time.Time) {
	fast := c.machine.fastPace() || c.registry.witnesses.awaits(c)
	wait, slack := c.key.Spec.wait(fast, rand.Int64N)
	c.timer.At(start.Add(wait), slack)
}

// publish tells what came of a probe. It is called without a lock: those who are
// told take their own, and may have to wait, such as for the log. The transition
// comes first.
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
	r.tellFrozen()
	r.probed(c.key, out.result, out.took, out.err)
	if out.causeBefore != out.cause {
		r.causeChanged(c.key, out.causeBefore, out.cause)
	}
}

// callOnProbe calls what Lease.OnProbe has set.
func callOnProbe(leases []*Lease) {
	for _, l := range leases {
		if f := l.onProbe.Load(); f != nil {
			(*f)()
		}
	}
}
