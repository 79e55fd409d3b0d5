package healthcheck

import "time"

// Inconclusive reports whether the last results were all inconclusive, as many as Fall
// counts. State still returns what was decided before.
func (l *Lease) Inconclusive() bool { return l.checker.inconclusive.Load() }

// LastConclusive returns when the last conclusive probe began. ok is true if there was
// one, and no inconclusive probe has ended since.
func (l *Lease) LastConclusive() (at time.Time, ok bool) {
	c := l.checker
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.conclusive, c.machine.inconclusives == 0 && !c.conclusive.IsZero()
}

// OnDoubt registers f, which is called after every inconclusive probe, with its cause.
// After each conclusive probe that follows it is called with "", until one agrees with the
// state. By then State, Settled, Inconclusive and LastConclusive include the probe, and
// the callbacks for its transition have been called. f must not block and must not
// release a lease.
func (l *Lease) OnDoubt(f func(cause string)) { l.onDoubt.Store(&f) }

// noteDoubtLocked records whether a result was conclusive, and reports whether OnDoubt's
// functions are to be called. While this server is cut off, it does nothing.
func (c *checker) noteDoubtLocked(r Result, start time.Time) (call bool) {
	if c.registry.witnesses.cutOff.Load() {
		return false
	}
	if r != Inconclusive {
		c.conclusive = start
	}
	c.inconclusive.Store(c.machine.inconclusive(&c.spec.Spec))
	was := c.doubted
	c.doubted = r == Inconclusive || was && !c.machine.agrees()
	return was || c.doubted
}

// callOnDoubt calls the functions that Lease.OnDoubt registered.
func callOnDoubt(leases []*Lease, cause string) {
	for _, l := range leases {
		if f := l.onDoubt.Load(); f != nil {
			(*f)(cause)
		}
	}
}
