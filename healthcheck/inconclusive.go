package healthcheck

import "time"

// Inconclusive reports whether the check cannot be asked: the last results, as
// many as Fall counts, all said nothing about the target. State is what was known
// before.
func (l *Lease) Inconclusive() bool { return l.checker.inconclusive.Load() }

// LastConclusive returns when the last probe began that could ask, and reports whether none
// has ended since that could not.
func (l *Lease) LastConclusive() (at time.Time, ok bool) {
	c := l.checker
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.conclusive, c.machine.inconclusives == 0 && !c.conclusive.IsZero()
}

// OnDoubt lets f be called after every probe that could not ask, with the cause,
// and after those that follow until one agrees with the state again, with "". f is
// called once State, Settled, Inconclusive and LastConclusive tell what came of the probe,
// and after a transition that it brought about was told. It must not block and
// must not release the lease.
func (l *Lease) OnDoubt(f func(cause string)) { l.onDoubt.Store(&f) }

// noteDoubtLocked takes in whether a result could ask, and reports whether those who
// hold leases are to be told. While this server is cut off, nothing changes.
func (c *checker) noteDoubtLocked(r Result, start time.Time) (tell bool) {
	if c.registry.witnesses.cutOff.Load() {
		return false
	}
	if r != Inconclusive {
		c.conclusive = start
	}
	c.inconclusive.Store(c.machine.inconclusive(&c.key.Spec))
	was := c.doubted
	c.doubted = r == Inconclusive || was && !c.machine.agrees()
	return was || c.doubted
}

// callOnDoubt calls what Lease.OnDoubt has set.
func callOnDoubt(leases []*Lease, cause string) {
	for _, l := range leases {
		if f := l.onDoubt.Load(); f != nil {
			(*f)(cause)
		}
	}
}
